/* What the listing needs to know of the client. */
#ifndef ACRONIS_CLIENT_IMPL_H
#define ACRONIS_CLIENT_IMPL_H

#include "tenantry/acronis.h"

int64_t client_page_size(const struct acronis_client *client);

#endif
