/* What an administrator of the BSS database would not leave as it is; see pg_security.c. */
#ifndef TENANTRY_PG_SECURITY_H
#define TENANTRY_PG_SECURITY_H

#include "bss/pg_impl.h"

/* Of samples/bss/tenantry.sql. */
enum { PG_FUNCTIONS_VERSION = 2 };

/* Gets one sentence after the other; `hint` "" where the next one has the same. */
struct pg_listener {
	void (*say)(void *user, const char *text, const char *hint);
	void *user;
};

struct pg_functions {
	int version;     /* 0: they do not tell one */
	bool shipped;    /* samples/bss/tenantry.sql, of whatever version; else the site's own */
	bool has_words;  /* there is a table tenantry.word */
	char owner[128]; /* with whose rights they run, with commas; "" the caller's */
};

/* Says of the functions in the schema tenantry whoever could act with their owner's rights, that they are of
 * an older version, and where the job's pending words are not theirs. `about` may be NULL. 0 also when there
 * was something to say; -1: it could not be looked at. */
int pg_security_functions(struct pg *pg, const struct job *job, const struct pg_listener *listener,
    struct pg_functions *about, struct error *err) MUST_USE;
/* Says what the role of this connection can do beyond reading and calling them. */
int pg_security_role(
    struct pg *pg, bool writes_back, const struct pg_listener *listener, struct error *err) MUST_USE;

#endif
