/* A rehearsal of the functions that write back; see pg_rehearse.c. */
#ifndef TENANTRY_PG_REHEARSE_H
#define TENANTRY_PG_REHEARSE_H

#include "bss/pg_impl.h"
#include "tenantry/bss_database.h"
#include "tenantry/bss_writer.h"

/* `write`: the order item as activation would send it; kind, done and user do not matter. Holds the lock of
 * this BSS from then on, as long as the connection lives. */
void pg_rehearse(
    struct pg *pg, const struct job *job, const struct bss_write *write, const struct bss_check *check);

#endif
