/* What `tenantry show` has of a run or a finding beside its own row: who signed, and what was corrected. */
#include "show_impl.h"

#include "tenantry/sign.h"

static int add_fix(void *user, const struct fix_record *fix)
{
	char at[TIME_TEXT_SIZE];
	json_t *json = json_pack("{s:s, s:s, s:s, s:s, s:s, s:s, s:s, s:s}", "run", fix->run_id, "finding",
	    fix->finding_id, "change", fix->change, "tenant", fix->tenant_id, "was", fix->was, "to",
	    fix->wanted, "state", fix->state, "at", time_text(fix->updated_at, at));

	if (fix->reason[0])
		json_object_set_new(json, "reason", json_string(fix->reason));
	if (fix->text[0] && fix->reason[0])
		json_object_set_new(json, "text", json_string(fix->text));
	return json_array_append_new(user, json);
}

/* An empty list is none. */
static json_t *or_none(json_t *list, int rc)
{
	if (rc == 0 && json_array_size(list) > 0)
		return list;
	json_decref(list);
	return NULL;
}

json_t *show_fixes(struct ledger *ledger, const char *run_id, const char *finding_id, struct error *err)
{
	json_t *list = json_array();

	return or_none(list, ledger_fixes(ledger, run_id, finding_id, add_fix, list, err));
}

static json_t *signature_json(const struct signature_record *s)
{
	char at[TIME_TEXT_SIZE];
	json_t *json = json_pack("{s:s, s:s, s:s, s:s, s:s}", "role", s->role, "name", s->name, "login",
	    s->login, "at", time_text(s->signed_at, at), "manifest_sha256", s->manifest);

	if (s->withdrawn_at) {
		json_object_set_new(json, "withdrawn_at", json_string(time_text(s->withdrawn_at, at)));
		json_object_set_new(json, "withdrawn_by", json_string(s->withdrawn_by));
		json_object_set_new(json, "withdrawn_because", json_string(s->withdrawn_reason));
	}
	return json;
}

json_t *show_signatures(struct ledger *ledger, const char *run_id, struct error *err)
{
	struct arena *arena = arena_new();
	struct signature_record *rows;
	size_t count = 0;
	json_t *list = json_array();
	int rc = ledger_signatures(ledger, run_id, arena, &rows, &count, err);

	for (size_t i = 0; i < count; i++)
		json_array_append_new(list, signature_json(&rows[i]));
	arena_free(arena);
	return or_none(list, rc);
}
