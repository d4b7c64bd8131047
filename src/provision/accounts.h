/* Several items of one account are worked on in their order, one at a time; items of different accounts have
 * nothing to do with each other. What an earlier item of this run made is known to the later one. */
#ifndef TENANTRY_ACCOUNTS_H
#define TENANTRY_ACCOUNTS_H

#include <stdbool.h>
#include <stddef.h>

#include "tenantry/provision.h"

struct account {
	const char *id;
	size_t first, last; /* actions that wait for their turn, SIZE_MAX none */
	bool busy;
	const char *failed;              /* key of an item of this run that failed; NULL */
	const char *held;                /* of one that the budget for loss holds back; NULL */
	size_t held_at;                  /* its place in the plan: what stands before it goes on */
	char tenant_id[64], user_id[64]; /* "" not known */
};
struct accounts; /* opaque */

struct accounts *accounts_new(const struct plan *plan);
void accounts_free(struct accounts *accounts);
struct account *accounts_of(struct accounts *accounts, size_t action);
/* The action was held back: what stands behind it in the plan waits. */
void accounts_hold(struct accounts *accounts, size_t action);
/* The action may run now (its account is idle, and becomes busy), or it waits. */
bool accounts_enter(struct accounts *accounts, size_t action);
/* The account's action is over: gives the next one that waits (the account stays busy), or SIZE_MAX. */
size_t accounts_leave(struct accounts *accounts, size_t action);

#endif
