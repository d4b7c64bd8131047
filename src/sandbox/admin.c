/* The small admin path: mails, request counters, faults, tokens, stop. */
#include <string.h>

#include "sandbox/fault.h"
#include "sandbox/operations.h"
#include "sandbox/render.h"
#include "sandbox/store.h"

static bool add_mail(void *ctx, const struct mail *mail)
{
	json_array_append_new(
	    ctx, json_pack("{s:s, s:s, s:s, s:s, s:o}", "login", mail->login, "email", mail->email, "user_id",
		     mail->user_id, "tenant_id", mail->tenant_id, "at", render_time_fraction(mail->at)));
	return true;
}

void admin_mails(struct exchange *x)
{
	json_t *list = json_array();

	mail_list(x->box->store, x->arena, add_mail, list);
	reply_json(x, 200, json_pack("{s:o}", "mails", list));
}

void admin_requests(struct exchange *x)
{
	json_t *calls = json_object();
	json_int_t total = 0;

	for (size_t i = 0; i < operation_count(); i++) {
		if (x->box->calls[i] == 0)
			continue;
		json_object_set_new(calls, operations[i].id, json_integer(x->box->calls[i]));
		total += x->box->calls[i];
	}
	reply_json(x, 200, json_pack("{s:I, s:o}", "total", total, "operations", calls));
}

void admin_requests_clear(struct exchange *x)
{
	memset(x->box->calls, 0, operation_count() * sizeof *x->box->calls);
	reply_empty(x, 204);
}

void admin_faults(struct exchange *x)
{
	reply_json(x, 200, json_pack("{s:o}", "faults", fault_report(x->box->faults)));
}

void admin_faults_add(struct exchange *x)
{
	static const struct check_member spec = {.type = CHECK_TEXT};
	static const struct check_member members[] = {{.name = "clear", .type = CHECK_BOOL},
	    {.name = "add", .type = CHECK_ARRAY, .element = &spec}, {0}};
	static const struct check_object shape = {members, false};
	struct error err = {0};
	json_t *given;
	size_t i;

	if (!body_read(x, &shape))
		return;
	if (json_is_true(json_object_get(x->json, "clear")))
		fault_clear(x->box->faults);
	json_array_foreach(json_object_get(x->json, "add"), i, given)
	{
		if (fault_add(x->box->faults, json_string_value(given), store_mark(x->box->store), &err) == 0)
			continue;
		reply_error(x, API_MALFORMED, "%s (%s)", err.text, err.hint);
		return;
	}
	admin_faults(x);
}

void admin_expire_tokens(struct exchange *x)
{
	tokens_forget(x->box->store, NULL);
	reply_empty(x, 204);
}

void admin_stop(struct exchange *x)
{
	x->box->stopping = true;
	reply_empty(x, 204);
}
