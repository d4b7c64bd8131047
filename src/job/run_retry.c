/* What of a run is to be done again: the items that it touched and that are still open. How they are done is
 * the run's own business; here is only which. */
#include "run_impl.h"

#include <inttypes.h>
#include <stdlib.h>

#include "tenantry/log.h"
#include "tenantry/mem.h"
#include "tenantry/order_key.h"

const char *share_text(struct share share, char text[24])
{
	text[0] = '\0';
	if (share.set)
		snprintf(text, 24, "%" PRId64 "%s", share.number, share.percent ? "%" : "");
	return text;
}

struct share share_parse(const char *text)
{
	struct strv number = strv_of(text);
	struct share share = {0};

	if (number.n > 0 && number.p[number.n - 1] == '%') {
		share.percent = true;
		number.n--;
	}
	share.set = strv_to_int64(number, &share.number);
	return share;
}

static int compare_key(struct strv a, const char *b)
{
	size_t n = strlen(b);
	int d = memcmp(a.p, b, a.n < n ? a.n : n);

	return d ? d : a.n < n ? -1 : a.n > n;
}

ptrdiff_t run_selection_find(const struct run_selection *selection, struct strv key)
{
	size_t low = 0, high = selection->count;

	while (low < high) {
		size_t middle = low + (high - low) / 2;
		int d = compare_key(key, selection->keys[middle]);
		if (d == 0)
			return (ptrdiff_t)middle;
		if (d < 0)
			high = middle;
		else
			low = middle + 1;
	}
	return -1;
}

struct selecting {
	struct ledger *ledger;
	const struct retry_filter *filter;
	struct arena *arena;
	struct retry *out;
	struct chosen {
		const char *key, *account_id;
	} * items;
	size_t count, cap;
	bool *order_found; /* of each of filter->orders */
	bool *lines;       /* the same: by an id that is unique within its order only */
	struct strbuf line_names;
	const char *ambiguous; /* one that several orders have; NULL */
	bool batch_found;
	struct error *err;
};

static bool is_order(const struct item_record *item, const char *order)
{
	return strcmp(item->order_id, order) == 0 || strcmp(item->key, order) == 0 ||
	       strcmp(item_record_name(item), order) == 0;
}

/* By an item's own id, where that is not its name: another order may have such a line, too. */
static bool is_line(const struct item_record *item, const char *order)
{
	return strcmp(item->item_id, order) == 0 && !is_order(item, order);
}

static void note_line(struct selecting *s, size_t i, const struct item_record *item)
{
	if (s->lines[i])
		s->ambiguous = s->filter->orders[i];
	strbuf_addf(&s->line_names, "%s%s", s->line_names.n ? ", " : "", item_record_name(item));
	s->lines[i] = true;
}

static bool wanted_order(struct selecting *s, const struct item_record *item)
{
	bool wanted = s->filter->order_count == 0;

	for (size_t i = 0; i < s->filter->order_count; i++) {
		if (is_line(item, s->filter->orders[i]))
			note_line(s, i, item);
		else if (!is_order(item, s->filter->orders[i]))
			continue;
		s->order_found[i] = true;
		wanted = true;
	}
	return wanted;
}

/* `now` has the reason as it stands: a failed item may have been tried since and failed otherwise. */
static bool wanted_code(
    const struct selecting *s, const struct item_record *now, const struct item_record *then)
{
	for (size_t i = 0; i < s->filter->code_count; i++) {
		const char *code = s->filter->codes[i];
		if (strcmp(now->reason, code) == 0 || strcmp(then->reason, code) == 0)
			return true;
		if (now->state == ITEM_RUNNING && strcmp(code, fail_reason_code(FAIL_IN_DOUBT)) == 0)
			return true;
	}
	return s->filter->code_count == 0;
}

enum retry_kind retry_kind(const struct item_record *now, const struct item_record *then)
{
	bool not_begun =
	    strcmp(now->reason, REASON_NOT_STARTED) == 0 || strcmp(now->reason, REASON_HELD) == 0;

	switch (now->state) {
	case ITEM_FAILED:
		return strcmp(then->reason, REASON_NOT_STARTED) == 0 ? RETRY_NOT_BEGUN : RETRY_FAILED;
	case ITEM_RUNNING:
		return RETRY_IN_DOUBT;
	case ITEM_PARKED:
		return RETRY_PARKED;
	case ITEM_RECEIVED:
		return strcmp(now->reason, REASON_HELD) == 0 ? RETRY_NOT_BEGUN : RETRY_NOTHING;
	case ITEM_ACCEPTED: /* due later, else not begun, or a person decided how to go on */
		return not_begun || now->run_id[0] == '\0' ? RETRY_NOT_BEGUN : RETRY_NOTHING;
	default:
		return RETRY_NOTHING;
	}
}

/* Which number the item counts in; NULL: there is nothing to do again. */
static uint64_t *kind_of(struct retry *out, const struct item_record *now, const struct item_record *then)
{
	switch (retry_kind(now, then)) {
	case RETRY_FAILED:
		return &out->failed;
	case RETRY_NOT_BEGUN:
		return &out->not_started;
	case RETRY_IN_DOUBT:
		return &out->in_doubt;
	case RETRY_PARKED:
		return &out->parked;
	case RETRY_NOTHING:
		break;
	}
	return NULL;
}

static void note_deferred(struct retry *out, const struct item_record *now)
{
	const char *due = item_due(now);

	if (!due[0])
		return;
	// NOLINTNEXTLINE(clang-analyzer-core.NullDereference): the caller has one
	if (out->deferred++ == 0 || strcmp(due, out->deferred_to) < 0)
		snprintf(out->deferred_to, sizeof out->deferred_to, "%s", due);
}

static void choose(struct selecting *s, const struct item_record *item)
{
	MEM_GROW(s->items, s->count, s->cap);
	s->items[s->count++] = (struct chosen){item->key, item->account_id};
}

static int consider(void *user, const struct item_record *then)
{
	struct selecting *s = user;
	struct item_record now;
	int found = ledger_item_get(s->ledger, then->key, s->arena, &now, s->err);

	if (found < 0)
		return -1;
	s->batch_found |= then->batch == s->filter->batch;
	if (!wanted_order(s, then) || (s->filter->batch && then->batch != s->filter->batch) ||
	    !wanted_code(s, &now, then))
		return 0;
	uint64_t *kind = kind_of(s->out, &now, then);
	if (!kind) {
		note_deferred(s->out, &now);
		return 0;
	}
	if (kind == &s->out->parked && !s->filter->include_parked) {
		s->out->parked_left++;
		return 0;
	}
	++*kind;
	choose(s, &now);
	return 0;
}

/* What was begun on the account and not finished comes before what was chosen, whatever was asked for: an
 * account's orders are done in their order. */
static int consider_earlier(void *user, const struct item_record *item)
{
	struct selecting *s = user;

	if (item->state != ITEM_FAILED && item->state != ITEM_RUNNING)
		return 0;
	for (size_t i = 0; i < s->count; i++)
		if (strcmp(s->items[i].key, item->key) == 0)
			return 0;
	log_info("order item %s of the same account was begun: it is done again too", item->key);
	s->out->failed += item->state == ITEM_FAILED;
	s->out->in_doubt += item->state == ITEM_RUNNING;
	struct item_record kept = *item;
	item_record_keep(&kept, s->arena);
	choose(s, &kept);
	return 0;
}

static int add_earlier(struct selecting *s)
{
	for (size_t i = 0, asked = s->count; i < asked; i++) {
		struct item_filter same = {.account_id = s->items[i].account_id, .state = -1};
		if (ledger_items(s->ledger, &same, consider_earlier, s, s->err) < 0)
			return -1;
	}
	return 0;
}

static bool is_code(const char *code)
{
	return strcmp(code, REASON_NOT_STARTED) == 0 || strcmp(code, REASON_HELD) == 0 ||
	       fail_reason_parse(code) != FAIL_NONE || park_reason_parse(code) != PARK_NONE;
}

static int check_codes(const struct retry_filter *filter, struct error *err)
{
	for (size_t i = 0; i < filter->code_count; i++) {
		const char *code = filter->codes[i], *best = REASON_NOT_STARTED;
		if (is_code(code))
			continue;
		for (int r = FAIL_NONE + 1; r < FAIL_REASON_COUNT; r++)
			if (str_distance(code, fail_reason_code((enum fail_reason)r)) <
			    str_distance(code, best))
				best = fail_reason_code((enum fail_reason)r);
		for (int r = PARK_NONE + 1; r < PARK_REASON_COUNT; r++)
			if (str_distance(code, park_reason_code((enum park_reason)r)) <
			    str_distance(code, best))
				best = park_reason_code((enum park_reason)r);
		error_set(err, ERR_USAGE, "--code %s: no order fails or is parked with this code", code);
		return error_hint(err, "did you mean %s?", best);
	}
	return 0;
}

static int check_found(const struct selecting *s, struct error *err)
{
	const char *run_id = s->out->run.run_id;

	if (s->ambiguous) {
		error_set(err, ERR_USAGE, "several orders of run %s have an item %s: %s", run_id,
		    s->ambiguous, s->line_names.p);
		return error_hint(err, "give the one that is meant, ORDER/ITEM as it stands there");
	}
	for (size_t i = 0; i < s->filter->order_count; i++) {
		if (s->order_found[i])
			continue;
		error_set(err, ERR_USAGE, "run %s did not come to an order %s", run_id, s->filter->orders[i]);
		return error_hint(err,
		    "tenantry show %s lists its orders; an order of another run is done again with that run's id",
		    run_id);
	}
	if (s->filter->batch && !s->batch_found) {
		error_set(
		    err, ERR_USAGE, "run %s has no order in a batch %" PRId64, run_id, s->filter->batch);
		return error_hint(err, "tenantry show %s lists its batches", run_id);
	}
	return 0;
}

static int find_run(
    struct ledger *ledger, const char *run_id, struct arena *arena, struct run_record *out, struct error *err)
{
	struct lock_owner owner;
	int found = ledger_run_find(ledger, run_id, arena, out, err);

	if (found < 0)
		return -1;
	if (found == 0) {
		error_set(err, ERR_USAGE, "no run %s in the ledger", run_id);
		return error_hint(err, "tenantry runs lists them");
	}
	if (out->ended_at)
		return 0;
	found = ledger_lock_owner(ledger, out->job, arena, &owner, err);
	if (found <= 0)
		return found;
	if (strcmp(owner.run_id, out->run_id) != 0 ||
	    !owner_at_work(ledger, &owner, clock_wall_ms(clock_machine())))
		return 0;
	error_set(err, ERR_LOCKED, "run %s is still at work (host %s, process %" PRId64 "): nothing was done",
	    out->run_id, owner.host, owner.pid);
	return error_hint(err, "wait until it has ended; if its machine is gone for good: tenantry unlock %s",
	    out->job_path);
}

/* The limits that it was started with; a run that did not come to its end has left none. */
static void take_limits(struct retry *out, struct arena *arena)
{
	struct error ignored = {0};
	struct report *report = out->run.document[0] ? report_from_json(out->run.document, &ignored) : NULL;

	out->job_digest = "";
	if (!report)
		return;
	out->job_digest = arena_strdup(arena, report->job_digest);
	out->max_errors = share_parse(report->max_errors);
	out->max_changes = share_parse(report->max_changes);
	report_free(report);
}

static int by_text(const void *a, const void *b)
{
	return strcmp(*(const char *const *)a, *(const char *const *)b);
}

static int count_parked(void *user, const struct item_record *item)
{
	struct retry *out = user;

	out->parked_elsewhere += strcmp(item->run_id, out->run.run_id) != 0;
	return 0;
}

static int select_from(struct ledger *ledger, const char *run_id, const struct retry_filter *filter,
    struct arena *arena, struct retry *out, struct error *err)
{
	struct selecting s = {.ledger = ledger, .filter = filter, .arena = arena, .out = out, .err = err};

	if (find_run(ledger, run_id, arena, &out->run, err) < 0)
		return -1;
	take_limits(out, arena);
	s.order_found = arena_alloc(arena, filter->order_count + 1);
	s.lines = arena_alloc(arena, filter->order_count + 1);
	s.line_names.max = 300;
	struct item_filter touched = {.run_id = out->run.run_id, .state = -1};
	int rc = ledger_items(ledger, &touched, consider, &s, err);
	if (rc == 0)
		rc = check_found(&s, err);
	if (rc == 0)
		rc = add_earlier(&s);
	if (rc == 0)
		rc =
		    ledger_items(ledger, &(struct item_filter){.state = ITEM_PARKED}, count_parked, out, err);
	const char **keys = arena_alloc(arena, (s.count + 1) * sizeof *keys);
	for (size_t i = 0; i < s.count; i++)
		keys[i] = s.items[i].key;
	qsort(keys, s.count, sizeof *keys, by_text);
	free(s.items);
	strbuf_free(&s.line_names);
	out->selection = (struct run_selection){out->run.run_id, keys, s.count, filter->include_parked};
	if (rc == 0)
		rc = run_count_left(ledger, &out->selection, arena, &out->still, err);
	return rc;
}

int retry_select(const struct job *job, const char *run_id, const struct retry_filter *filter,
    struct arena *arena, struct retry *out, struct error *err)
{
	struct ledger *ledger;
	int rc;

	*out = (struct retry){0};
	if (check_codes(filter, err) < 0)
		return -1;
	ledger = open_known_ledger(job, LEDGER_READ, clock_machine(), err);
	if (!ledger)
		return -1;
	rc = select_from(ledger, run_id, filter, arena, out, err);
	ledger_close(ledger);
	return rc;
}
