/* Is a whole JSON answer of the types that the call is documented to give? */
#ifndef ACRONIS_SHAPE_IMPL_H
#define ACRONIS_SHAPE_IMPL_H

#include "tenantry/acronis.h"

/* A 200 answer to a read. False: `why` names the first member of a wrong type. A member that is absent or
 * null is of no wrong type, whether it was due is for decode.c; but a list must have its items. Calls whose
 * answers nobody takes apart always fit. */
bool shape_fits(enum acronis_call call, const json_t *body, char *why, size_t size);

#endif
