/* Who runs: the id of a run, the process that holds a lock, and the folders that runs leave. */
#ifndef TENANTRY_IDENTITY_H
#define TENANTRY_IDENTITY_H

#include "tenantry/arena.h"
#include "tenantry/clock.h"
#include "tenantry/error.h"
#include "tenantry/ledger.h"

enum { RUN_ID_SIZE = 32 };

struct identity {
	char run_id[RUN_ID_SIZE]; /* sorts by time: 20261122T013000Z-3f2a1c */
	char host[256], boot_id[64];
	int64_t pid, process_start; /* field 22 of /proc/PID/stat */
};
/* Of this process, with a new run id. */
void identity_of_run(struct identity *out, struct clock *clock);
/* Where the owner of a lock is, seen from here. One kernel is one boot id: containers of a machine have names
 * of their own, and the machine's boot id. */
enum owner_place {
	OWNER_HERE,        /* on this kernel: the lock file decides */
	OWNER_BEFORE_BOOT, /* this host, last heard of before it was started: gone */
	OWNER_ELSEWHERE    /* only the heartbeat is known of it */
};
struct machine {
	char host[256], boot_id[64];
	int64_t booted_at;
};
void machine_read(struct machine *out, int64_t now);
/* Pure. A host of the same name that was heard of after this one was started is another one. */
enum owner_place owner_place(const struct lock_owner *owner, const struct machine *here);
/* May the owner of a row be alive though nobody here holds the lock file? Elsewhere: true. Here: only what a
 * program from before there were lock files began, by its process. For ledger_lock(). */
bool owner_may_be_alive(const struct lock_owner *owner, int64_t now);
/* Is it at work, for who does not take the lock? Here: it holds the lock file. Elsewhere: true. */
bool owner_at_work(struct ledger *ledger, const struct lock_owner *owner, int64_t now);
/* Does the text have the shape of a run id? */
bool run_id_is(const char *text);
/* When the run of this id began, to the second. */
bool run_id_time(const char *run_id, int64_t *ms);
/* The user who is behind this process, as far as the system knows: who logged in, else whose process it is.
 */
enum { WHO_SIZE = 64 };
void identity_who(char out[WHO_SIZE]);
/* The ids of the run folders in `output`, oldest first, in the arena; an output folder that is not there has
 * none. ERR_OUTPUT. */
int run_folders_list(
    const char *output, struct arena *arena, const char ***ids, size_t *count, struct error *err) MUST_USE;
/* Removes one, never anything that is not a run's folder; 0 too when it is not there. ERR_OUTPUT. */
int run_folder_remove(const char *output, const char *run_id, struct error *err) MUST_USE;

#endif
