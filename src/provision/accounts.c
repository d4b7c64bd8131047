/* One queue an account; see accounts.h. */
#include "accounts.h"

#include <stdint.h>
#include <stdlib.h>

#include "tenantry/mem.h"

struct accounts {
	struct account *slots; /* open addressing by id */
	size_t slot_count;     /* a power of two, at most half full */
	size_t *slot_of;       /* of each action */
	size_t *next;          /* action that waits behind this one */
	const struct plan *plan;
};

static size_t find_slot(const struct accounts *accounts, const char *id)
{
	size_t at = (size_t)digest64(strv_of(id)) & (accounts->slot_count - 1);

	while (accounts->slots[at].id && strcmp(accounts->slots[at].id, id) != 0)
		at = (at + 1) & (accounts->slot_count - 1);
	return at;
}

struct accounts *accounts_new(const struct plan *plan)
{
	struct accounts *accounts = mem_zalloc(sizeof *accounts);

	accounts->plan = plan;
	accounts->slot_count = 16;
	while (accounts->slot_count < plan->count * 2)
		accounts->slot_count *= 2;
	accounts->slots = mem_zalloc(accounts->slot_count * sizeof *accounts->slots);
	accounts->slot_of = mem_zalloc((plan->count + 1) * sizeof *accounts->slot_of);
	accounts->next = mem_zalloc((plan->count + 1) * sizeof *accounts->next);
	for (size_t i = 0; i < plan->count; i++) {
		const char *id = plan->actions[i].item->account_id;
		size_t slot = find_slot(accounts, id);
		accounts->slots[slot].id = id;
		accounts->slots[slot].first = accounts->slots[slot].last = SIZE_MAX;
		accounts->slot_of[i] = slot;
	}
	return accounts;
}

void accounts_free(struct accounts *accounts)
{
	if (!accounts)
		return;
	free(accounts->slots);
	free(accounts->slot_of);
	free(accounts->next);
	free(accounts);
}

struct account *accounts_of(struct accounts *accounts, size_t action)
{
	return &accounts->slots[accounts->slot_of[action]];
}

void accounts_hold(struct accounts *accounts, size_t action)
{
	struct account *account = accounts_of(accounts, action);

	if (account->held && account->held_at < action)
		return;
	account->held = accounts->plan->actions[action].item->key;
	account->held_at = action;
}

bool accounts_enter(struct accounts *accounts, size_t action)
{
	struct account *account = accounts_of(accounts, action);

	if (!account->busy) {
		account->busy = true;
		return true;
	}
	accounts->next[action] = SIZE_MAX;
	if (account->first == SIZE_MAX)
		account->first = action;
	else
		accounts->next[account->last] = action;
	account->last = action;
	return false;
}

size_t accounts_leave(struct accounts *accounts, size_t action)
{
	struct account *account = accounts_of(accounts, action);
	size_t next = account->first;

	if (next == SIZE_MAX)
		account->busy = false;
	else
		account->first = accounts->next[next];
	return next;
}
