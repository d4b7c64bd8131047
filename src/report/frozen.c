/* What a manifest freezes of a run's own record: the members of run.json that are small, and the money at
 * stake. */
#include "report_impl.h"

#include <jansson.h>

static json_t *at_stake(const struct report *report)
{
	struct money_totals totals = report_money(report, NULL);
	json_t *sums = json_array();
	char text[MONEY_TEXT_SIZE];

	for (size_t i = 0; i < totals.count; i++)
		json_array_append_new(
		    sums, json_pack("{s:s, s:s, s:I}", "currency", totals.sum[i].currency, "amount",
			      money_text(totals.sum[i], text), "findings", (json_int_t)totals.findings[i]));
	return json_pack(
	    "{s:o, s:I}", "a_month", sums, "findings_without_amount", (json_int_t)totals.unknown);
}

json_t *report_frozen(const struct report *report, const char *document)
{
	static const char *const members[] = {"tenantry", "exit_status", "verdict", "run", "inputs", "intake",
	    "provision", "waiting", "reconciliation"};
	json_t *root = json_loads(document, JSON_REJECT_DUPLICATES, NULL), *out = json_object();

	for (size_t i = 0; i < sizeof members / sizeof *members; i++)
		if (json_object_get(root, members[i]))
			json_object_set(out, members[i], json_object_get(root, members[i]));
	json_object_set_new(out, "at_stake", at_stake(report));
	json_decref(root);
	return out;
}
