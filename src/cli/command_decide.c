/* `tenantry decide ORDER`: what a person says about a parked order. */
#include "commands.h"

#include "program.h"
#include "tenantry/decide.h"
#include "tenantry/order_key.h"
#include "tenantry/report.h"

static int wrong_words(const char *order, struct error *err, const char *what)
{
	struct strbuf command = {0};

	strbuf_adds(&command, "tenantry decide ");
	report_add_shell(&command, order);
	error_set(err, ERR_USAGE, "%s", what);
	error_hint(err,
	    "%s --adopt TENANT | --resend-mail | --skip --reason TEXT | --tier-proved --reason TEXT; tenantry show "
	    "parked says which of them settles it",
	    command.p);
	strbuf_free(&command);
	return -1;
}

static int read_decision(const struct invocation *invocation, struct decision *out, struct error *err)
{
	const struct option_value *values = invocation->values;
	const char *order = invocation->args[0];
	int given = values[OPT_ADOPT].set + values[OPT_RESEND_MAIL].set + values[OPT_SKIP].set +
		    values[OPT_TIER_PROVED].set;

	if (given != 1)
		return wrong_words(
		    order, err, given == 0 ? "what was decided?" : "only one decision at a time");
	*out = (struct decision){.kind = values[OPT_ADOPT].set         ? DECISION_ADOPT
					 : values[OPT_SKIP].set        ? DECISION_SKIP
					 : values[OPT_TIER_PROVED].set ? DECISION_TIER_PROVED
								       : DECISION_RESEND_MAIL,
	    .order = order,
	    .tenant_id = values[OPT_ADOPT].text,
	    .note = values[OPT_REASON].set ? values[OPT_REASON].text : ""};
	if (out->kind == DECISION_SKIP && strv_trim(strv_of(out->note)).n == 0)
		return wrong_words(
		    order, err, "--skip needs --reason: whoever asks for the order later wants to know");
	if (out->kind == DECISION_TIER_PROVED && strv_trim(strv_of(out->note)).n == 0)
		return wrong_words(order, err,
		    "--tier-proved needs --reason: whoever asks for its tier later wants to know");
	return 0;
}

static void show_decided(const struct invocation *invocation, const struct decided *decided)
{
	const struct item_record *item = &decided->item;
	const char *name = item_record_name(item);

	if (invocation->values[OPT_JSON].set)
		command_print_json(json_pack("{s:s, s:s, s:s, s:s, s:s, s:s, s:s, s:s}", "item", item->key,
		    "order", item->order_id, "decision", decided->decision, "parked_as", decided->parked_as,
		    "tenant", item->tenant_id, "state", item_state_name(item->state), "by", decided->who,
		    "next", decided->next));
	else if (!invocation->values[OPT_QUIET].set)
		printf("order item %s (%s): %s, decided by %s\n%s\n", name, decided->parked_as,
		    decided->decision, decided->who, decided->next);
}

int command_decide(const struct invocation *invocation, struct error *err)
{
	struct arena *arena = arena_new();
	struct decision decision;
	struct decided decided;
	struct clock shifted, *clock;
	struct job *job = NULL;
	int rc = -1;

	if (read_decision(invocation, &decision, err) == 0 &&
	    (job = command_job(invocation, NULL, err)) != NULL &&
	    (clock = command_clock(invocation, job, true, &shifted, err)) != NULL) {
		rc = decide(job, &decision, clock, arena, &decided, err);
		if (rc == 0)
			show_decided(invocation, &decided);
	}
	job_free(job);
	arena_free(arena);
	return rc;
}
