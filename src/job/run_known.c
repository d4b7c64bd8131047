/* What the ledger knows of a row of the intake: which of its items the row is, and what follows from that. A
 * hit in memory is held against what it was remembered for (same_order.h); only what is provably the same
 * item is passed by as done. An item is looked for under the key that the job says, under both of its ids
 * whatever key it was given, and, where only the pair is unique, under the item's id alone: so bss.order_key
 * can be changed, and a column of ids may come, go or hold NULL, without a done order becoming a new one. */
#include "run_impl.h"

#include "tenantry/mem.h"
#include "tenantry/order_key.h"

struct looking {
	struct run *run;
	const struct order *order;
	struct order_told told; /* once there is a record to hold it against */
	bool is_told;
	struct arena *arena; /* of this row */
	struct error *err;
	const char *key;            /* as the job makes it */
	bool exact;                 /* the records that are being looked through have the row's own ids */
	struct item_record *it;     /* the row's item; NULL */
	struct item_record *holder; /* another one that stands under the row's ids; NULL */
	struct comparison of_it, of_holder;
};

static bool is_open(enum item_state state)
{
	return state != ITEM_DONE && state != ITEM_REJECTED;
}

/* An item of this order that is not done yet may still become another one: planning looks how far it came. */
static bool is_it(struct comparison c, const struct item_record *record)
{
	return c.likeness >= LIKE_CHANGED || (c.likeness == LIKE_ALTERED && is_open(record->state));
}

static struct item_record *kept(struct looking *l, const struct item_record *record)
{
	struct item_record *copy = arena_alloc(l->arena, sizeof *copy);

	*copy = *record;
	item_record_keep(copy, l->arena);
	return copy;
}

static void consider(struct looking *l, const struct item_record *record, bool same_ids, bool by_date)
{
	if (!l->is_told)
		order_tell(l->order, &l->run->scratch, &l->told);
	l->is_told = true;
	struct comparison c = order_compare(&l->told.now, record, by_date);

	if (same_ids ? is_it(c, record) : c.likeness >= LIKE_CHANGED) {
		l->it = kept(l, record);
		l->of_it = c;
	} else if (same_ids && !l->holder) {
		l->holder = kept(l, record);
		l->of_holder = c;
	}
}

static const char *full_key(struct looking *l, struct strv id)
{
	const char *bss = l->run->job->bss.name;
	size_t n = strlen(bss);
	char *key = arena_bytes(l->arena, n + id.n + 2);

	/* Every row has one. */
	memcpy(key, bss, n);
	key[n] = '/';
	if (id.n > 0)
		memcpy(key + n + 1, id.p, id.n);
	key[n + 1 + id.n] = '\0';
	return key;
}

/* The one under the job's own key. The same row again, which is nearly every hit, costs no record. */
static int look_under_key(struct looking *l, struct item_record *same_row)
{
	char digest[DIGEST_TEXT_SIZE], now[DIGEST_TEXT_SIZE];
	struct item_record record;
	int found = ledger_item_state(l->run->ledger, strv_of(l->key), &same_row->state, digest, l->err);

	if (found <= 0)
		return found;
	if (strcmp(digest, digest_text(order_digest(l->order, &l->run->scratch), now)) == 0) {
		same_row->key = l->key;
		l->it = same_row;
		l->of_it = (struct comparison){.likeness = LIKE_SAME};
		return 0;
	}
	found = ledger_item_get(l->run->ledger, l->key, l->arena, &record, l->err);
	if (found > 0)
		consider(l, &record, true,
		    l->run->job->bss.order_key == ORDER_KEY_ITEM && l->order->field[ORDER_ITEM_ID].n > 0 &&
			strv_eq(l->order->field[ORDER_ITEM_ID], strv_of(record.item_id)));
	return found < 0 ? -1 : 0;
}

static int each_named(void *user, const struct item_record *record)
{
	struct looking *l = user;

	if (strcmp(record->key, l->key) != 0)
		consider(l, record, l->exact, false);
	return l->it ? 1 : 0;
}

static int look_for(struct looking *l, struct strv order_id, struct strv item_id, bool exact)
{
	if (l->it || order_id.n == 0)
		return 0;
	l->exact = exact;
	return ledger_items_named(l->run->ledger, order_id, item_id, each_named, l, l->err);
}

/* By both ids. What the row or the record lacks, its own id or all but a word for nothing, is made up for by
 * all else that makes an item what it is. */
static int look_under_ids(struct looking *l, struct strv order_id)
{
	const struct order *order = l->order;
	struct strv item = order->field[ORDER_ITEM_ID], written = order_written(order, ORDER_ITEM_ID);

	if (item.n == 0)
		return look_for(l, order_id, STRV(""), true) < 0 ||
			       look_for(l, order_id, written.n > 0 ? written : STRV(""), true) < 0 ||
			       look_for(l, order_id, (struct strv){NULL, 0}, false) < 0
			   ? -1
			   : 0;
	return look_for(l, order_id, item, true) < 0 || look_for(l, order_id, STRV(""), false) < 0 ? -1 : 0;
}

/* Where the item's id alone was the key, or was all that a rebuilt ledger had. */
static int look_under_item(struct looking *l)
{
	struct strv item = l->order->field[ORDER_ITEM_ID];
	struct item_record record;
	enum item_state state;
	const char *key = full_key(l, item);
	int found = ledger_item_state(l->run->ledger, strv_of(key), &state, NULL, l->err);

	if (found > 0)
		found = ledger_item_get(l->run->ledger, key, l->arena, &record, l->err);
	if (found > 0)
		consider(l, &record, false, strv_eq(item, strv_of(record.item_id)));
	return found < 0 ? -1 : 0;
}

static int each_line(void *user, const struct item_record *record)
{
	struct looking *l = user;

	consider(l, record, true, true);
	return l->it ? 1 : 0;
}

/* Where both ids were the key: the item's id is unique all the same. A rebuilt ledger has nothing but the
 * key. */
static int look_under_lines(struct looking *l)
{
	const struct order *order = l->order;
	struct item_record record;

	if (ledger_items_named(l->run->ledger, (struct strv){NULL, 0}, order->field[ORDER_ITEM_ID], each_line,
		l, l->err) < 0)
		return -1;
	const char *key =
	    full_key(l, order_key_id(ORDER_KEY_ORDER_ITEM,
			    (struct order_ids){order->field[ORDER_ID], order->field[ORDER_ITEM_ID],
				order->field[ORDER_PARENT_ORDER_ID]},
			    &l->run->scratch));
	enum item_state state;
	int found = l->it ? 0 : ledger_item_state(l->run->ledger, strv_of(key), &state, NULL, l->err);
	if (found > 0)
		found = ledger_item_get(l->run->ledger, key, l->arena, &record, l->err);
	if (found > 0)
		consider(l, &record, false, false);
	return found < 0 ? -1 : 0;
}

/* Made while the job said the other key. */
static int look_under_other_key(struct looking *l)
{
	if (l->it || l->order->field[ORDER_ITEM_ID].n == 0)
		return 0;
	return l->run->job->bss.order_key == ORDER_KEY_ITEM ? look_under_lines(l) : look_under_item(l);
}

static int look(struct looking *l, struct item_record *same_row)
{
	struct strv order = l->order->field[ORDER_ID], parent = l->order->field[ORDER_PARENT_ORDER_ID];

	if (look_under_key(l, same_row) < 0 || look_under_ids(l, order) < 0)
		return -1;
	if (parent.n > 0 && !strv_eq(parent, order) && look_under_ids(l, parent) < 0)
		return -1;
	return look_under_other_key(l);
}

/* ---- What follows. */

static bool is_selected(struct run *run, const char *key, bool seen)
{
	const struct run_selection *selection = run->options->selection;
	ptrdiff_t at = selection ? run_selection_find(selection, strv_of(key)) : -1;

	if (at >= 0 && seen)
		run->seen[at] = true;
	return !selection || at >= 0;
}

static void ignore(struct known_order *known, enum ignored_reason reason)
{
	known->ignored = true;
	known->reason = reason;
}

static void note_changed(struct looking *l, struct known_order *known)
{
	struct report *report = l->run->report;
	struct strbuf what = {0};

	if (l->of_it.likeness != LIKE_CHANGED)
		return;
	known->warnings |= RULE_BIT(WARNING_CHANGED_AFTER_DONE);
	if (report->changed_count == CHANGED_ORDERS_MAX)
		return;
	if (!report->changed)
		report->changed = arena_alloc(report->arena, CHANGED_ORDERS_MAX * sizeof *report->changed);
	order_add_differences(&what, l->of_it);
	report->changed[report->changed_count++] =
	    (struct changed_order){.item = arena_strdup(report->arena, item_record_name(l->it)),
		.order_id =
		    arena_strndup(report->arena, l->order->field[ORDER_ID].p, l->order->field[ORDER_ID].n),
		.account_id = arena_strdup(report->arena, l->it->account_id),
		.source = arena_strdup(report->arena, l->order->source),
		.line = l->order->line,
		.what = arena_strndup(report->arena, what.p, what.n)};
	strbuf_free(&what);
}

/* What waits for the proof of the tier table is looked at every night, for the proof may be there: nobody has
 * to release a hundred orders one by one. Nor those that a cut export lacked for a night. 1, 0, -1. */
static int is_tried_again(struct looking *l)
{
	const struct run_selection *selection = l->run->options->selection;
	struct item_record record;

	if (selection)
		return selection->parked;
	int found = ledger_item_get(l->run->ledger, l->it->key, l->arena, &record, l->err);
	if (found <= 0)
		return found;
	enum park_reason reason = park_reason_parse(record.reason);
	return reason == PARK_TIER_UNPROVED || reason == PARK_ORDER_GONE;
}

static int settle_item(struct looking *l, struct known_order *known)
{
	struct run *run = l->run;
	enum item_state state = l->it->state;
	int tried = state == ITEM_PARKED ? is_tried_again(l) : 1;

	if (tried < 0)
		return -1;
	run_gone_seen(run, l->it->key);
	if (!is_selected(run, l->it->key, true)) {
		ignore(known, IGNORED_NOT_SELECTED);
	} else if (state == ITEM_DONE) {
		ignore(known, IGNORED_ALREADY_DONE);
		note_changed(l, known);
	} else if (!tried) {
		ignore(known, IGNORED_PARKED);
	} else if (state == ITEM_REJECTED) {
		ignore(known, IGNORED_DECIDED);
	}
	known->begun = state == ITEM_RUNNING || state == ITEM_FAILED;
	if (l->it->key != l->key)
		known->item_key = strv_of(l->it->key + strlen(run->job->bss.name) + 1);
	return 0;
}

/* Another order stands there: this one is not it, whatever the selection is about. */
static void settle_reuse(struct looking *l, struct known_order *known)
{
	if (!is_selected(l->run, l->holder->key, false)) {
		ignore(known, IGNORED_NOT_SELECTED);
		return;
	}
	known->owner = l->holder;
	known->unlike = l->of_holder;
}

int run_known(void *user, const struct order *order, struct known_order *known, struct error *err)
{
	struct run *run = user;
	struct item_record same_row = {0};
	struct looking l = {.run = run, .order = order, .err = err};

	if (!run->row_arena)
		run->row_arena = arena_new();
	arena_reset(run->row_arena);
	l.arena = run->row_arena;
	l.key = full_key(&l, order->key);
	if (look(&l, &same_row) < 0)
		return -1;
	if (l.it)
		return settle_item(&l, known);
	if (l.holder)
		settle_reuse(&l, known);
	else if (run->options->selection)
		ignore(known, IGNORED_NOT_SELECTED);
	return 0;
}
