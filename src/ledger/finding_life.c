/* The life of a finding as a decision over plain data: what it is tonight, from what it was before and what
 * tonight saw. Reading and writing are findings.c's.
 *
 * An acknowledgement covers what was accepted and no more: it ends with its last day, when the finding
 * becomes graver, when more money is at stake (or nobody can say any more how much), and when the sides say
 * something else; where they say amounts, the money alone decides. It also ends when the finding is resolved:
 * should it come back, somebody looks again. */
#include "ledger_impl.h"

#include "tenantry/digest.h"
#include "tenantry/job.h"
#include "tenantry/money.h"
#include "tenantry/month.h"

static const struct finding_ack no_ack = {"", "", "", "", "", "", "", 0};

void finding_sides(const struct finding_record *finding, char out[FINDING_SIDES_SIZE])
{
	const char *const sides[] = {finding->expected, finding->bss, finding->acronis};
	struct strbuf all = {0};

	for (size_t i = 0; i < sizeof sides / sizeof *sides; i++) {
		strbuf_adds(&all, sides[i] ? sides[i] : "");
		strbuf_addc(&all, '\0');
	}
	digest_text(digest_of(strbuf_view(&all)), out);
	strbuf_free(&all);
}

static bool money_of(const char *currency, const char *text, struct money *out)
{
	return currency && text && currency_is_code(strv_of(currency)) &&
	       money_parse(strv_of(text), currency, out);
}

static bool is_graver(const char *now, const char *then)
{
	enum severity a = SEVERITY_HIGH, b = SEVERITY_HIGH;

	return severity_parse(strv_of(now), &a) && severity_parse(strv_of(then), &b) && a > b;
}

/* Why the acknowledgement does not cover tonight's finding; NULL: it does. */
static const char *why_lifted(const struct finding_record *now, const struct finding_ack *ack)
{
	struct money accepted, stake;
	bool had = money_of(ack->currency, ack->money, &accepted),
	     has = money_of(now->currency, now->money, &stake);
	char sides[FINDING_SIDES_SIZE];

	if (!ack->sides[0])
		return NULL;
	if (is_graver(now->severity, ack->severity))
		return "it has become graver";
	if (had != has || (had && strcmp(accepted.currency, stake.currency) != 0))
		return "other money is at stake";
	if (had && stake.minor > accepted.minor)
		return "more money is at stake";
	if (now->amounts && has)
		return NULL;
	finding_sides(now, sides);
	return strcmp(sides, ack->sides) == 0 ? NULL : "the sides say something else";
}

/* The last day counts whole. */
static bool has_expired(const struct finding_ack *ack, int64_t now)
{
	struct date until;

	return ack->until[0] && date_parse(strv_of(ack->until), &until) &&
	       date_compare(date_of_ms(now), until) > 0;
}

static const char *fresh_state(const struct finding_record *f, int64_t now)
{
	return f->window_ms > 0 && now - f->opened_at < f->window_ms ? "timing" : "open";
}

static struct finding_change change_of(const char *event)
{
	return (struct finding_change){.event = event, .detail = ""};
}

static struct finding_change begin(struct finding_record *f, int64_t now, const char *event)
{
	f->opened_at = now;
	f->state = fresh_state(f, now);
	return change_of(strcmp(f->state, "timing") == 0 ? "timing" : event);
}

static struct finding_change lift(
    struct finding_record *f, struct arena *arena, const char *event, const char *why)
{
	struct finding_change change = {.event = event};

	f->state = "open";
	if (strcmp(event, "expired") == 0)
		f->note = arena_printf(arena, "acknowledgement expired on %s", f->ack.until);
	else
		f->note = arena_printf(arena, "acknowledgement of %s lifted: %s", f->ack.who, why);
	change.detail = arena_printf(arena, "%s; it was: %s", f->note, f->ack.reason);
	f->ack = no_ack;
	return change;
}

static struct finding_change go_on(
    struct finding_record *f, const struct finding_record *before, int64_t now, struct arena *arena)
{
	const char *why;

	f->state = before->state;
	if (strcmp(before->state, "acknowledged") == 0) {
		if (has_expired(&f->ack, now))
			return lift(f, arena, "expired", "");
		why = why_lifted(f, &f->ack);
		return why ? lift(f, arena, "lifted", why) : change_of("");
	}
	if (strcmp(before->state, "timing") != 0)
		return change_of("");
	f->state = fresh_state(f, now);
	if (strcmp(f->state, "timing") == 0)
		return change_of("");
	return (struct finding_change){.event = "opened", .detail = "still there after the cut-off"};
}

static void never_seen(struct finding_record *f, int64_t now)
{
	f->news = "new";
	f->first_seen = f->opened_at = now;
	f->runs_open = f->cycles_open = 1;
	f->times_reopened = 0;
	f->assigned = f->note = "";
	f->ack = no_ack;
}

static void seen_before(
    struct finding_record *f, const struct finding_record *before, bool again, int64_t now)
{
	f->news = again ? before->news : "known";
	f->first_seen = before->first_seen;
	f->opened_at = before->opened_at;
	f->runs_open = before->runs_open + !again;
	f->cycles_open =
	    before->cycles_open + (month_of(date_of_ms(now)) > month_of(date_of_ms(before->last_seen)));
	f->times_reopened = before->times_reopened;
	f->assigned = before->assigned;
	f->note = before->note;
	f->ack = before->ack;
	if (f->assigned[0])
		f->owner = f->assigned;
}

struct finding_change finding_live(struct finding_record *f, const struct finding_record *before, bool again,
    int64_t now, struct arena *arena)
{
	f->last_seen = now;
	f->resolved_at = 0;
	f->resolved_run = f->resolved_how = "";
	if (!before) {
		never_seen(f, now);
		return begin(f, now, "opened");
	}
	seen_before(f, before, again, now);
	if (strcmp(before->state, "resolved") != 0)
		return go_on(f, before, now, arena);
	f->news = "reopened";
	f->times_reopened++;
	return begin(f, now, "reopened");
}
