/* What the parts of a rebuild share: every order item that somebody remembers, and what is known of it. */
#ifndef TENANTRY_REBUILD_IMPL_H
#define TENANTRY_REBUILD_IMPL_H

#include "run_impl.h"
#include "tenantry/rebuild.h"
#include "tenantry/reconcile.h"

struct found_item {
	struct found_item *next;   /* in the order in which they were found */
	struct item_record record; /* of the newest run folder that has it; else made of what Acronis shows */
	bool from_folder;
	const struct observed_tenant *tenant; /* carries the item's tag, or is the record's; NULL */
	bool has_user, user_activated;        /* one that was made for this item is in it */
	bool billed; /* the BSS has a subscription of this account with the tenant that is past its beginning
		      */
};

struct rebuild {
	const struct job *job;
	struct clock *clock;
	struct arena *arena;
	struct rebuilt *out;
	const char **run_ids; /* oldest first */
	size_t run_count;
	struct found_item *first, *last;
	size_t count;
	struct item_slot {
		struct found_item *item;
	} * slots; /* open addressing by key */
	size_t slot_count;
	struct observation *observation;
	const char *parent;
};

/* ---- rebuild_items.c: the items by key, and what becomes of each (pure). */
/* The item with this key, made when it is new. In the arena. */
struct found_item *rebuild_item(struct rebuild *r, const char *key);
struct found_item *rebuild_find(const struct rebuild *r, const char *key); /* or NULL */
/* Its state from all that is known. */
void rebuild_judge(struct found_item *item);
/* The account's tenant, as its items tell. `each` gets them by account. */
int rebuild_tenants(struct rebuild *r,
    int (*each)(void *user, const struct known_tenant *tenant, struct error *err), void *user,
    struct error *err) MUST_USE;

/* ---- rebuild_folders.c */
/* The job's run folders, oldest first: the run as the ledger had it, and its report (NULL: it was killed). */
int rebuild_each_run(struct rebuild *r,
    int (*each)(struct rebuild *r, void *user, const struct run_record *run, const struct report *report,
	struct error *err),
    void *user, struct error *err) MUST_USE;
int rebuild_read_folders(struct rebuild *r, struct error *err) MUST_USE; /* into items */

/* ---- rebuild_losses.c: what was taken away before the ledger was lost, so that its day still counts. */
int rebuild_put_item_loss(
    struct ledger *ledger, const struct item_record *record, struct error *err) MUST_USE;
int rebuild_put_fix_losses(const struct job *job, struct ledger *ledger, const struct report *report,
    struct error *err) MUST_USE;

/* ---- rebuild_world.c: tenants with our tags, their users, and what the BSS says of them, into items. */
int rebuild_observe(struct rebuild *r, struct error *err) MUST_USE;

#endif
