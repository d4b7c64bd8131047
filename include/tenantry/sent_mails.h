/* The activation mails of a run, noted outside of the ledger: the file activation-mails in the run's folder.
 *
 * A mail cannot be looked up in Acronis, so the ledger alone says that it went out. A ledger that was put back
 * to an earlier moment (a snapshot of its volume, a backup) has forgotten some, and even knows the run when
 * that moment was in the middle of it: then this file has mails that the ledger has not. Each line is the
 * mail's step in the journal and its order item; it is on disk before the mail is asked for, and after its
 * intent is in the ledger, so that in sound state the file never has more. One folder a run keeps the file
 * short.
 */
#ifndef TENANTRY_SENT_MAILS_H
#define TENANTRY_SENT_MAILS_H

#include "tenantry/ledger.h"

struct sent_mails; /* opaque */

/* For the run with this folder; makes nothing yet. */
struct sent_mails *sent_mails_new(const char *folder, const char *run_id);
void sent_mails_free(struct sent_mails *mails); /* NULL is fine */
/* Does the ledger still have the last mail that was noted here? ERR_LEDGER when it was put back under the run.
 */
int sent_mails_check(struct sent_mails *mails, struct ledger *ledger, struct error *err) MUST_USE;
/* One more: `step` is its row in the journal. Noted with the next sync. */
void sent_mails_add(struct sent_mails *mails, int64_t step, const char *item_key);
/* Puts what was added on disk, after the commit of its intents and before any of the mails is asked for.
 * ERR_OUTPUT: none of them may be. */
int sent_mails_sync(struct sent_mails *mails, struct error *err) MUST_USE;

/* What a run's folder has noted and the ledger has not: how many, and order items, as many as fit. */
struct forgotten_mails {
	uint64_t count;
	char items[160];
};
/* A folder without the file has none. ERR_OUTPUT when the file cannot be read. */
int sent_mails_forgotten(struct ledger *ledger, const char *folder, const char *run_id,
    struct forgotten_mails *out, struct error *err) MUST_USE;

#endif
