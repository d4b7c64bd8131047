/* What provisioning tells the ledger, and when it is on disk. One open transaction collects what happens
 * during a turn of the client; journal_commit() before the next turn makes it durable, so that no changing
 * call leaves before its intent. */
#ifndef TENANTRY_JOURNAL_H
#define TENANTRY_JOURNAL_H

#include "tenantry/provision.h"
#include "tenantry/sent_mails.h"

struct journal {
	struct ledger *ledger;
	const char *run_id;
	bool dirty;                      /* something was written since the last commit */
	uint64_t changes;                /* changing calls that were sent */
	struct sent_mails *mails;        /* NULL: they are noted in the ledger alone */
	char key[LEDGER_AUDIT_KEY_SIZE]; /* of the requests' digests; "" until the first */
};

/* A changing call will be made: gives the row's id, -1 on error. `target` "" for none. An activation mail is
 * noted outside of the ledger too, with the commit. */
int64_t journal_intent(struct journal *journal, const char *item_key, enum step step,
    const struct acronis_request *request, const char *target, struct error *err) MUST_USE;
/* The same for a write to the BSS: `content` is all that is written. */
int64_t journal_write_intent(struct journal *journal, const char *item_key, enum step step, const char *call,
    const char *target, const char *content, struct error *err) MUST_USE;
/* `detail` says what was answered where that was not BSS_DONE. BSS_UNKNOWN leaves the row in doubt. */
int journal_write_outcome(struct journal *journal, int64_t id, enum bss_outcome outcome, const char *detail,
    struct error *err) MUST_USE;
/* Its answer. API_UNKNOWN leaves the row in doubt: only a look-up settles it. */
int journal_outcome(struct journal *journal, int64_t id, const struct acronis_answer *answer,
    const char *object_id, struct error *err) MUST_USE;
/* A look-up decided: carried out (then what it made, "" for nothing of its own) or not. */
int journal_settled(
    struct journal *journal, int64_t id, bool carried_out, const char *object_id, struct error *err) MUST_USE;
int journal_item(struct journal *journal, const struct item_record *record, struct error *err) MUST_USE;
/* How the item stood in this run only. */
int journal_note(struct journal *journal, const struct item_record *record, struct error *err) MUST_USE;
int journal_tenant(struct journal *journal, const struct known_tenant *tenant, struct error *err) MUST_USE;
int journal_batch(struct journal *journal, const struct batch_record *batch, struct error *err) MUST_USE;
int journal_commit(struct journal *journal, struct error *err) MUST_USE;

#endif
