/* Intents, outcomes and item records into the ledger; see journal.h. */
#include "journal.h"

#include <stdlib.h>

#include "tenantry/sha256.h"

/* Keyed, for the body holds names and addresses: who has the audit but not the ledger cannot try them out. */
static int content_digest(
    struct journal *journal, const char *content, char text[SHA256_TEXT_SIZE], struct error *err)
{
	if (!journal->key[0] && ledger_audit_key(journal->ledger, journal->key, err) < 0)
		return -1;
	hmac_sha256_text(strv_of(journal->key), strv_of(content), text);
	return 0;
}

static int request_digest(struct journal *journal, const struct acronis_request *request,
    char text[SHA256_TEXT_SIZE], struct error *err)
{
	char *body = request->body ? json_dumps(request->body, JSON_COMPACT | JSON_SORT_KEYS) : NULL;
	int rc = content_digest(journal, body, text, err);

	free(body);
	return rc;
}

/* Of tenants, users and pricing; what else there is has none, or one for each of its parts. */
static int64_t version_of(const json_t *object)
{
	return json_integer_value(json_object_get(object, "version"));
}

/* What the ledger does not take is no change: it will not be sent. */
static int64_t put_intent(struct journal *journal, const struct step_record *step, struct error *err)
{
	int64_t id = ledger_intent(journal->ledger, step, err);

	journal->dirty = true;
	journal->changes += id > 0;
	return id;
}

int64_t journal_intent(struct journal *journal, const char *item_key, enum step step,
    const struct acronis_request *request, const char *target, struct error *err)
{
	char digest[SHA256_TEXT_SIZE];

	bool is_mail = request->call == CALL_ACTIVATION_MAIL && journal->mails;

	if (request_digest(journal, request, digest, err) < 0 ||
	    (is_mail && sent_mails_check(journal->mails, journal->ledger, err) < 0))
		return -1;
	int64_t id = put_intent(journal,
	    &(struct step_record){.item_key = item_key,
		.run_id = journal->run_id,
		.call = acronis_call_name(request->call),
		.target = target,
		.request_digest = digest,
		.step = step,
		.outcome = "",
		.object_id = "",
		.detail = "",
		.version_before = version_of(request->body)},
	    err);
	if (id > 0 && is_mail)
		sent_mails_add(journal->mails, id, item_key);
	return id;
}

int journal_outcome(struct journal *journal, int64_t id, const struct acronis_answer *answer,
    const char *object_id, struct error *err)
{
	if (answer->result == API_UNKNOWN)
		return 0;
	if (answer->result == API_CANCELLED)
		journal->changes--;
	journal->dirty = true;
	return ledger_outcome_put(journal->ledger,
	    &(struct step_record){.id = id,
		.outcome = api_result_name(answer->result),
		.status = answer->status,
		.object_id = object_id,
		.detail = answer->result == API_OK ? "" : answer->text,
		.version_after = answer->result == API_OK ? version_of(answer->body) : 0},
	    err);
}

int64_t journal_write_intent(struct journal *journal, const char *item_key, enum step step, const char *call,
    const char *target, const char *content, struct error *err)
{
	char digest[SHA256_TEXT_SIZE];

	if (content_digest(journal, content, digest, err) < 0)
		return -1;
	return put_intent(journal,
	    &(struct step_record){.item_key = item_key,
		.run_id = journal->run_id,
		.call = call,
		.target = target,
		.request_digest = digest,
		.step = step,
		.outcome = "",
		.object_id = "",
		.detail = ""},
	    err);
}

int journal_write_outcome(
    struct journal *journal, int64_t id, enum bss_outcome outcome, const char *detail, struct error *err)
{
	if (outcome == BSS_UNKNOWN)
		return 0;
	if (outcome == BSS_STOPPED)
		journal->changes--;
	journal->dirty = true;
	return ledger_outcome_put(journal->ledger,
	    &(struct step_record){.id = id,
		.outcome = bss_outcome_name(outcome),
		.object_id = "",
		.detail = outcome == BSS_DONE ? "" : detail},
	    err);
}

int journal_settled(
    struct journal *journal, int64_t id, bool carried_out, const char *object_id, struct error *err)
{
	journal->dirty = true;
	return ledger_outcome(journal->ledger, id, "settled", 0, object_id,
	    carried_out ? "found as wanted" : "was not carried out", err);
}

int journal_item(struct journal *journal, const struct item_record *record, struct error *err)
{
	journal->dirty = true;
	return ledger_item_put(journal->ledger, record, err);
}

int journal_note(struct journal *journal, const struct item_record *record, struct error *err)
{
	journal->dirty = true;
	return ledger_item_note(journal->ledger, record, err);
}

int journal_tenant(struct journal *journal, const struct known_tenant *tenant, struct error *err)
{
	journal->dirty = true;
	return ledger_tenant_put(journal->ledger, tenant, err);
}

int journal_batch(struct journal *journal, const struct batch_record *batch, struct error *err)
{
	journal->dirty = true;
	return ledger_batch_put(journal->ledger, batch, err);
}

int journal_commit(struct journal *journal, struct error *err)
{
	if (!journal->dirty)
		return 0;
	journal->dirty = false;
	if (ledger_commit(journal->ledger, err) < 0)
		return -1;
	return journal->mails ? sent_mails_sync(journal->mails, err) : 0;
}
