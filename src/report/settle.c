/* The commands that settle a failed or a parked order, ready to be given: with the ids that they are about.
 * What a person has to find out first is the one thing that is left as a word (TENANT, TEXT). */
#include "report_impl.h"

#include <inttypes.h>

#include "tenantry/order_key.h"

void report_add_job_path(const char *job_path, struct strbuf *out)
{
	if (job_path[0]) {
		strbuf_adds(out, " --job ");
		report_add_shell(out, job_path);
	}
}

const char *report_decision(const struct item_record *item)
{
	enum park_reason reason = park_reason_parse(item->reason);

	if (item->state == ITEM_FAILED)
		return "the next run tries it again; correct what it names first";
	if (item->state != ITEM_PARKED)
		return "";
	return reason == PARK_NONE ? "decide what becomes of it" : park_reason_decision(reason);
}

static void add_decide(struct strbuf *out, const struct item_record *item, const char *options)
{
	strbuf_adds(out, "tenantry decide ");
	report_add_shell(out, item_record_name(item));
	strbuf_adds(out, options);
}

/* The tenant in the way may be the one that is meant; where it is surely not, another one has to be found. */
static void add_adopt(struct strbuf *out, const struct item_record *item, bool blocker_may_be_it)
{
	add_decide(out, item, " --adopt ");
	if (blocker_may_be_it && item->blocker && item->blocker[0])
		report_add_shell(out, item->blocker);
	else
		strbuf_adds(out, "TENANT");
}

static void add_retry(struct strbuf *out, const char *run_id, const struct item_record *item)
{
	strbuf_addf(out, "tenantry retry %s --order ", run_id);
	report_add_shell(out, item_record_name(item));
}

void report_add_skip_command(const char *job_path, const struct item_record *item, struct strbuf *out)
{
	add_decide(out, item, " --skip --reason TEXT");
	report_add_job_path(job_path, out);
}

void report_add_settling_command(
    const char *run_id, const char *job_path, const struct item_record *item, struct strbuf *out)
{
	switch (park_reason_parse(item->reason)) {
	case PARK_MAIL_IN_DOUBT:
		add_decide(out, item, " --resend-mail");
		break;
	case PARK_TIER_UNPROVED:
		add_decide(out, item, " --tier-proved --reason TEXT");
		break;
	case PARK_TENANT_EXISTS:
	case PARK_NAME_CLASH:
	case PARK_EXTERNAL_ID_DIFFERS:
		add_adopt(out, item, true);
		break;
	case PARK_TENANT_NOT_FOUND:
	case PARK_TENANT_OF_ANOTHER:
		add_adopt(out, item, false);
		break;
	default:
		/* Of one that no run remembers (a rebuilt ledger) a person's word is all that is left. */
		if (!run_id[0]) {
			report_add_skip_command(job_path, item, out);
			return;
		}
		add_retry(out, run_id, item);
		strbuf_adds(out, " --include-parked");
		break;
	}
	report_add_job_path(job_path, out);
}

void report_add_retry_command(const char *job_path, const struct item_record *item, struct strbuf *out)
{
	if (item->run_id[0]) {
		add_retry(out, item->run_id, item);
		report_add_job_path(job_path, out);
		return;
	}
	strbuf_adds(out, "tenantry run ");
	report_add_shell(out, job_path[0] ? job_path : "JOB");
}

void report_add_decision_command(
    const struct report *report, const struct item_record *item, struct strbuf *out)
{
	strbuf_add(out, "", 0);
	if (item->state == ITEM_FAILED) {
		strbuf_adds(out, "tenantry show ");
		report_add_shell(out, item_record_name(item));
		report_add_job_path(report->job_path, out);
	} else if (item->state == ITEM_PARKED) {
		report_add_settling_command(report->run_id, report->job_path, item, out);
	}
}

void report_add_decision(const struct report *report, const struct item_record *item, struct strbuf *out)
{
	strbuf_adds(out, report_decision(item));
	if (out->n > 0)
		strbuf_adds(out, ": ");
	report_add_decision_command(report, item, out);
}

bool report_add_still_waiting(struct strbuf *out, const struct still_waiting *still)
{
	const struct {
		uint64_t n;
		const char *word;
	} parts[] = {
	    {still->failed, "failed"}, {still->not_begun, "not begun"}, {still->in_doubt, "in doubt"}};
	int left = 0;

	for (size_t i = 0; i < sizeof parts / sizeof *parts; i++)
		left += parts[i].n > 0;
	if (left == 0)
		return false;
	for (size_t i = 0; i < sizeof parts / sizeof *parts; i++) {
		if (parts[i].n == 0)
			continue;
		strbuf_addf(out, "%" PRIu64 " %s%s", parts[i].n, parts[i].word,
		    left == 2   ? " and "
		    : left == 3 ? ", "
				: "");
		left--;
	}
	strbuf_addf(out, " of run %s", still->run);
	return true;
}
