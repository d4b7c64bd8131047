/* What the client needs of the calls' table and callers do not. */
#ifndef ACRONIS_CALLS_IMPL_H
#define ACRONIS_CALLS_IMPL_H

#include "tenantry/acronis.h"

enum http_method call_method(enum acronis_call call);
bool call_has_answer_body(enum acronis_call call);
/* What an answer must say of itself: the member of a read's answer that holds the id (of a setting the name)
 * in its path, and that id, borrowed; NULL for calls that have none. */
struct call_id {
	const char *member, *id;
};
struct call_id call_id_of(const struct acronis_request *request);
/* Must it not be the one to find out that a kept connection has died? */
bool call_wants_fresh_connection(enum acronis_call call);
/* BASE/api/2/path?query, or BASE and the call's own whole path, with the parts filled in and encoded. The
 * caller frees. */
char *call_url(const char *base, const struct acronis_request *request);

#endif
