/* Orders that were accepted on an earlier night and that tonight's source does not give any more: an export
 * that was cut, that has the newest days only, or a night's orders only once. Nobody would hear of such an
 * order again, so it is parked as order-gone for a person to look at, and goes on by itself when it comes
 * back. One that only waited for its day is not missed where the source itself says that it is not pending:
 * it was cancelled. A retry looks for what it is about by itself (run_provision.c). */
#include "run_impl.h"

#include <stdlib.h>

#include "tenantry/mem.h"

/* Whose rows may still come: by key as the ledger has it, and by order. */
struct open_orders {
	struct item_record *items;
	bool *seen, *not_pending;
	size_t count, cap;
	struct text_index by_key, by_order;
};

struct collecting {
	struct open_orders *open;
	struct arena *arena;
};

static int collect(void *user, const struct item_record *item)
{
	struct collecting *c = user;
	struct open_orders *open = c->open;

	MEM_GROW(open->items, open->count, open->cap);
	open->items[open->count] = *item;
	item_record_keep(&open->items[open->count++], c->arena);
	return 0;
}

static void make_indexes(struct open_orders *open)
{
	open->seen = mem_zalloc(open->count * sizeof *open->seen);
	open->not_pending = mem_zalloc(open->count * sizeof *open->not_pending);
	index_reserve(&open->by_key, open->count);
	index_reserve(&open->by_order, open->count);
	for (size_t i = 0; i < open->count; i++) {
		index_add(&open->by_key, hash_text(strv_of(open->items[i].key)), (uint32_t)i);
		index_add(&open->by_order, hash_text(strv_of(open->items[i].order_id)), (uint32_t)i);
	}
}

int run_gone_begin(struct run *run, struct error *err)
{
	static const enum item_state states[] = {ITEM_ACCEPTED, ITEM_RUNNING, ITEM_FAILED};
	struct collecting c = {.arena = run->arena};

	if (!run->ledger || run->options->selection || !(run->options->steps & STEP_PROVISION))
		return 0;
	c.open = arena_alloc(run->arena, sizeof *c.open);
	*c.open = (struct open_orders){.count = 0};
	run->open = c.open;
	for (size_t i = 0; i < ARRAY_LEN(states); i++) {
		struct item_filter filter = {.state = (int)states[i]};
		if (ledger_items(run->ledger, &filter, collect, &c, err) < 0)
			return -1;
	}
	if (c.open->count > 0)
		make_indexes(c.open);
	return 0;
}

void run_gone_seen(struct run *run, const char *key)
{
	struct open_orders *open = run->open;
	size_t at = INDEX_START;
	uint32_t i;

	if (!open || open->count == 0)
		return;
	while ((i = index_next(&open->by_key, hash_text(strv_of(key)), &at)) != INDEX_NONE)
		if (strcmp(open->items[i].key, key) == 0)
			open->seen[i] = true;
}

void run_gone_not_pending(void *user, const struct order *order)
{
	struct run *run = user;
	struct open_orders *open = run->open;
	struct strv id = order->field[ORDER_ID], item = order->field[ORDER_ITEM_ID];
	size_t at = INDEX_START;
	uint32_t i;

	if (!open || open->count == 0)
		return;
	while ((i = index_next(&open->by_order, hash_text(id), &at)) != INDEX_NONE) {
		const struct item_record *record = &open->items[i];
		if (record->state == ITEM_ACCEPTED && record->step == STEP_NONE &&
		    strv_eq(id, strv_of(record->order_id)) && strv_eq(item, strv_of(record->item_id)) &&
		    strv_eq(order->field[ORDER_ACCOUNT_ID], strv_of(record->account_id)))
			open->not_pending[i] = true;
	}
}

/* It is as if it had not been accepted: the row may leave the export, or become pending again. */
int run_gone_settle(struct run *run, struct error *err)
{
	const struct open_orders *open = run->open;

	for (size_t i = 0; open && i < open->count && !run->options->dry_run; i++) {
		struct item_record record = open->items[i];
		if (open->seen[i] || !open->not_pending[i])
			continue;
		record.state = ITEM_RECEIVED;
		if (ledger_item_settle(run->ledger, &record, err) < 0)
			return -1;
	}
	return 0;
}

const struct item_record *run_gone_next(const struct run *run, size_t *at)
{
	const struct open_orders *open = run->open;

	while (open && *at < open->count) {
		size_t i = (*at)++;
		if (!open->seen[i] && !open->not_pending[i])
			return &open->items[i];
	}
	return NULL;
}

void run_gone_free(struct run *run)
{
	if (!run->open)
		return;
	free(run->open->items);
	free(run->open->seen);
	free(run->open->not_pending);
	index_free(&run->open->by_key);
	index_free(&run->open->by_order);
	run->open = NULL;
}
