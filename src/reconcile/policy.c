/* How a finding is treated: what the job says of its class and its tier (reconcile.severity,
 * reconcile.classes, reconcile.fail_on), and whether it is so young that it may be a matter of timing
 * (reconcile.cut_off). Pure. */
#include "reconcile/class_impl.h"

#include <limits.h>

/* One of the names in "Tier 0 / Promo"? */
static bool tier_named(const char *names, const char *name)
{
	struct strv rest = strv_of(names), wanted = strv_of(name);

	while (rest.n > 0) {
		const char *end = memmem(rest.p, rest.n, " / ", 3);
		size_t n = end ? (size_t)(end - rest.p) : rest.n;
		if (strv_eq_nocase((struct strv){rest.p, n}, wanted))
			return true;
		n += end ? 3 : 0;
		rest.p += n;
		rest.n -= n;
	}
	return false;
}

static void apply_row(struct finding_policy *policy, const struct class_rule *row)
{
	if (row->severity && severity_parse(strv_of(row->severity), &policy->severity))
		policy->severity_set = true;
	if (row->owner)
		policy->owner = row->owner;
	if (row->fail_on)
		policy->never = !severity_parse(strv_of(row->fail_on), &policy->fail_on);
}

struct finding_policy finding_policy(const struct job *job, enum finding_code code, const char *tier)
{
	struct finding_policy policy = {.severity = finding_severity(job, code),
	    .owner = finding_owner(code),
	    .never = job->reconcile.fail_on_never,
	    .fail_on = job->reconcile.fail_on};
	const char *name = finding_code_name(code);

	for (size_t i = 0; i < job->reconcile.severity_count; i++)
		policy.severity_set |= strcmp(job->reconcile.severities[i].from, name) == 0;
	for (size_t i = 0; i < job->reconcile.class_count; i++) {
		const struct class_rule *row = &job->reconcile.classes[i];
		if ((!row->code || strcmp(row->code, name) == 0) &&
		    (!row->tier || tier_named(tier, row->tier)))
			apply_row(&policy, row);
	}
	return policy;
}

bool finding_fails(const struct job *job, const struct finding_record *finding)
{
	int code = finding_code_parse(finding->code);
	enum severity severity = SEVERITY_HIGH;

	if (strcmp(finding->state, "open") != 0)
		return false;
	severity_parse(strv_of(finding->severity), &severity);
	if (code < 0)
		return !job->reconcile.fail_on_never && severity >= job->reconcile.fail_on;
	struct finding_policy policy =
	    finding_policy(job, (enum finding_code)code, finding->tier ? finding->tier : "");
	return !policy.never && severity >= policy.fail_on;
}

void view_tier(const struct view *v, struct strbuf *out)
{
	const struct subscription *s = v->subscription;

	if (v->billing && v->billing->tier)
		strbuf_adds(out, v->billing->tier->name);
	else if (s && (s->tier || s->tier_text[0]))
		strbuf_adds(out, s->tier ? s->tier->name : s->tier_text);
	else if (v->order && v->order->item->tier)
		strbuf_adds(out, v->order->item->tier->name);
	else if (v->done)
		strbuf_adds(out, v->done->tier);
	else if (v->tenant && v->tenant->has_tier && v->tenant->tier_value >= INT_MIN &&
		 v->tenant->tier_value <= INT_MAX)
		job_tier_names(v->in->job, (int)v->tenant->tier_value, out);
}

static int64_t later(int64_t a, const char *time)
{
	int64_t b;

	return time[0] && time_parse(strv_of(time), &b, NULL) && b > a ? b : a;
}

/* The latest sign of a change on either side; 0 none. */
static int64_t last_change(const struct view *v)
{
	int64_t changed = v->subscription ? v->subscription->updated_at : 0;

	if (v->tenant)
		changed = later(later(changed, v->tenant->updated_at), v->tenant->deleted_at);
	if (v->named)
		changed = later(later(changed, v->named->updated_at), v->named->deleted_at);
	return changed;
}

static int64_t earlier(int64_t a, int64_t b)
{
	return b > 0 && b < a ? b : a;
}

bool changed_in_window(const struct view *v)
{
	int64_t window = v->in->job->reconcile.cut_off_ms, changed = last_change(v);
	int64_t read =
	    earlier(earlier(v->in->now, v->in->subscriptions->as_of), v->in->observation->taken_at);

	return window > 0 && changed > 0 && changed > read - window;
}
