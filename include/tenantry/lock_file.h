/* The file beside a ledger whose lock in the kernel says who works with that ledger: LEDGER.lock.
 *
 * The lock belongs to the open file (F_OFD_SETLK), so the kernel gives it up with the process that holds it,
 * however that ends, and shows it to every process of the machine, in whatever PID namespace or container. On
 * one kernel it alone decides: free, and nobody is at work; held, and somebody is. Of another kernel it says
 * nothing.
 *
 * The ledger may be named through symbolic links: the file lies beside the real one. It is never removed, for
 * who waits for a removed file waits for nothing; it holds the id of the run that took it last, for messages.
 */
#ifndef TENANTRY_LOCK_FILE_H
#define TENANTRY_LOCK_FILE_H

#include "tenantry/error.h"

struct lock_file; /* opaque */

enum { LOCK_HOLDER_SIZE = 64 };

/* Takes the lock of the ledger at this path (which need not be there yet; its folder must), or gives NULL:
 * ERR_LOCKED when another holds it, with its run id in `holder` ("" while it is not written yet); ERR_LEDGER
 * when the file cannot be made or locked. Free it to give the lock up; children of this process never have
 * it. */
struct lock_file *lock_file_take(
    const char *ledger, const char *run_id, char holder[LOCK_HOLDER_SIZE], struct error *err) MUST_USE;
void lock_file_free(struct lock_file *file); /* NULL is fine */
/* Was there none before? It is never removed by us: where a run should hold it, somebody removed it, and that
 * nobody holds it proves nothing yet. */
bool lock_file_is_new(const struct lock_file *file);
/* It is held for good: from now on the file counts as one that was there. */
void lock_file_keep(struct lock_file *file);
/* Gives it up as if it had not been taken: one that was made for it is removed again. NULL is fine. */
void lock_file_discard(struct lock_file *file);
/* Is the file still the one beside the ledger? One that was removed or replaced keeps nobody out, so the one
 * that is there now is taken too, or made; while another has that one the ledger's row must tell. ERR_LEDGER
 * when none can be made. */
int lock_file_renew(struct lock_file *file, struct error *err) MUST_USE;
/* Could a run take it, or make it, as far as rights go? Takes and makes nothing; a folder that is not there is
 * fine. ERR_LEDGER. */
int lock_file_check(const char *ledger, struct error *err) MUST_USE;
/* Who holds it, without taking it: 1 held, 0 free, -1 it cannot be looked at (ERR_LEDGER). */
int lock_file_holder(const char *ledger, char holder[LOCK_HOLDER_SIZE], struct error *err) MUST_USE;

#endif
