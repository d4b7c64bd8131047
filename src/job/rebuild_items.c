/* Order items that were remembered by somebody, by key, and what state each has in a new ledger. No I/O.
 *
 * What is not proved done goes on with the next run, which reads before it changes anything. The one thing
 * that cannot be read is whether a mail went out: a user who is there and not activated has one in doubt. */
#include "rebuild_impl.h"

#include <stdlib.h>

#include "tenantry/mem.h"

static struct item_slot *slot_of(const struct rebuild *r, const char *key)
{
	size_t at = (size_t)digest64(strv_of(key)) & (r->slot_count - 1);

	while (r->slots[at].item && strcmp(r->slots[at].item->record.key, key) != 0)
		at = (at + 1) & (r->slot_count - 1);
	return &r->slots[at];
}

static void grow_slots(struct rebuild *r)
{
	free(r->slots);
	r->slot_count = r->slot_count ? r->slot_count * 2 : 1024;
	r->slots = mem_zalloc(r->slot_count * sizeof *r->slots);
	for (struct found_item *item = r->first; item; item = item->next)
		slot_of(r, item->record.key)->item = item;
}

struct found_item *rebuild_find(const struct rebuild *r, const char *key)
{
	return r->slot_count ? slot_of(r, key)->item : NULL;
}

struct found_item *rebuild_item(struct rebuild *r, const char *key)
{
	struct found_item *found = rebuild_find(r, key);

	if (found)
		return found;
	if ((r->count + 1) * 2 > r->slot_count)
		grow_slots(r);
	found = arena_alloc(r->arena, sizeof *found);
	found->record.key = arena_strdup(r->arena, key);
	slot_of(r, key)->item = found;
	if (r->last)
		r->last->next = found;
	else
		r->first = found;
	r->last = found;
	r->count++;
	return found;
}

/* ---- What becomes of it. */

static void become(struct item_record *record, enum item_state state, const char *reason, const char *text)
{
	record->state = state;
	record->reason = reason;
	record->text = text;
}

static void goes_on(struct item_record *record)
{
	become(record, ITEM_FAILED, fail_reason_code(FAIL_IN_DOUBT),
	    "found without a journal; the next run looks at each step and goes on");
}

/* The user is looked at again in any case: whether it is active by now decides about the mail. */
static void back_before_user(struct item_record *record)
{
	if (record->step > STEP_CONTRACT)
		record->step = STEP_CONTRACT;
}

static void judge_new(struct found_item *item)
{
	struct item_record *record = &item->record;

	if (!item->from_folder && item->billed) {
		become(record, ITEM_DONE, "", "its subscription was active when the ledger was rebuilt");
		record->step = STEP_ACTIVATE;
		return;
	}
	/* The mail went out before that step ended: only the way back to the BSS is open. */
	if (record->step >= STEP_ACTIVATION) {
		goes_on(record);
		return;
	}
	back_before_user(record);
	if (item->has_user && !item->user_activated)
		become(record, ITEM_PARKED, park_reason_code(PARK_MAIL_IN_DOUBT),
		    park_reason_text(PARK_MAIL_IN_DOUBT));
	else if (item->tenant || record->state == ITEM_RUNNING)
		goes_on(record);
}

void rebuild_judge(struct found_item *item)
{
	struct item_record *record = &item->record;

	if (record->state == ITEM_DONE || record->state == ITEM_PARKED || record->state == ITEM_REJECTED)
		return;
	if (record->action == ACTION_NEW)
		judge_new(item);
	else if (record->state == ITEM_RUNNING)
		goes_on(record);
}

/* ---- Tenants of accounts. */

static int by_account_and_time(const void *a, const void *b)
{
	const struct item_record *x = &((const struct item_slot *)a)->item->record,
				 *y = &((const struct item_slot *)b)->item->record;
	int d = strcmp(x->account_id, y->account_id);
	int64_t at = x->executed_at ? x->executed_at : x->updated_at,
		other = y->executed_at ? y->executed_at : y->updated_at;

	if (d == 0)
		d = at < other ? -1 : at > other;
	return d ? d : strcmp(x->key, y->key);
}

/* What the item makes of what is known of its account. */
static void fold_item(const struct rebuild *r, const struct found_item *item, struct known_tenant *known)
{
	const struct item_record *record = &item->record;
	const struct tier *tier = job_tier_by_name(r->job, strv_of(record->tier));
	bool tier_change = record->action == ACTION_UPGRADE || record->action == ACTION_DOWNGRADE;

	known->account_id = record->account_id;
	if (record->action == ACTION_NEW && record->tenant_id[0])
		*known = (struct known_tenant){.account_id = record->account_id,
		    .tenant_id = record->tenant_id,
		    .login = record->login,
		    .item_key = record->key,
		    .subscription_id = record->subscription_id,
		    .user_id = record->user_id,
		    .tier = record->state == ITEM_DONE || record->step >= STEP_CONTRACT ? tier : NULL};
	else if (tier_change && record->state == ITEM_DONE)
		known->tier = tier;
}

int rebuild_tenants(struct rebuild *r,
    int (*each)(void *user, const struct known_tenant *tenant, struct error *err), void *user,
    struct error *err)
{
	struct item_slot *sorted = mem_zalloc((r->count + 1) * sizeof *sorted);
	struct known_tenant known = {0};
	size_t n = 0;
	int rc = 0;

	for (struct found_item *item = r->first; item; item = item->next)
		sorted[n++].item = item;
	qsort(sorted, n, sizeof *sorted, by_account_and_time);
	for (size_t i = 0; rc == 0 && i < n; i++) {
		fold_item(r, sorted[i].item, &known);
		if (i + 1 < n && strcmp(sorted[i + 1].item->record.account_id, known.account_id) == 0)
			continue;
		if (known.tenant_id)
			rc = each(user, &known, err);
		known = (struct known_tenant){0};
	}
	free(sorted);
	return rc;
}
