/* A very small Acronis for tests of provisioning: tenants, users, settings and mails in plain memory,
 * answered through a fake_transport. It keeps just enough rules to notice a second tenant, a stale version or
 * a second mail. All of it is one block without pointers, so that it can live in memory shared with a child
 * that is killed. */
#ifndef FAKE_CLOUD_H
#define FAKE_CLOUD_H

#include "fake_transport.h"
#include "tenantry/acronis.h"

#define CLOUD_PARENT "00000000-0000-4000-8000-00000000aaaa"
#define CLOUD_ELSEWHERE "00000000-0000-4000-8000-00000000bbbb"
#define CLOUD_PLATFORM "7459244f-68f3-3bf4-9f53-5f63ecc1d91f"
#define CLOUD_BACKUP "6e6d758d-8e74-3ae3-ac84-50eb0dff12eb"

enum { CLOUD_MAX = 256, CLOUD_ITEMS = 3 };

struct cloud_tenant {
	char id[40], parent[40], name[128], customer[64], tag[96], contact[900];
	bool enabled, deleted, locked;
	bool without_id; /* in listings */
	bool unlisted;   /* there, but no listing shows it yet */
	bool folder;     /* else a partner */
	bool unsearched; /* there, but /search does not find it yet */
	int version;
	int64_t updated; /* of itself; pricing and settings leave it alone */
	char mode[16], currency[8];
	int pricing_version;
	char licensing[16];
	bool has_tier;
	int tier;
	bool item_on[CLOUD_ITEMS];
	int64_t quota[CLOUD_ITEMS]; /* -1 unlimited */
	int quota_version[CLOUD_ITEMS];
	bool mfa;
};
struct cloud_user {
	char id[40], tenant[40], login[96], external[96];
	bool activated;
	bool admin;
	int other_roles, mails;
};

/* What happens to the nth (0 the first) arrival of a call, and to `times` from there on. */
enum cloud_fault_kind {
	FAULT_NONE,
	FAULT_LOST_BEFORE,
	FAULT_LOST_AFTER,
	FAULT_STATUS,
	FAULT_OTHERS_WRITE, /* 1001 or 426 follows */
	FAULT_OTHERS_FIRST, /* somebody makes the same call a moment before */
	FAULT_OF_ANOTHER,   /* the answer is somebody else's */
	FAULT_NOT_KEPT      /* answered as if it were done, and then it is as it was */
};
struct cloud_fault {
	enum cloud_fault_kind kind;
	enum acronis_call call;
	unsigned nth, times;
	int status, code; /* FAULT_STATUS */
};

struct cloud {
	struct cloud_tenant tenants[CLOUD_MAX];
	struct cloud_user users[CLOUD_MAX];
	size_t tenant_count, user_count;
	struct cloud_fault faults[8];
	unsigned arrivals[CALL_COUNT]; /* since the start */
	unsigned changes;              /* changing calls that arrived */
	unsigned hidden_listings;      /* so many listings do not show tenants yet that were made by a call */
	size_t listed_most;            /* lists lag: they show no more than the first so many; 0 all */
	bool search_below;             /* /search also finds what does not stand directly below */
	bool down;                     /* every call gets 503 */
	const char *users_items;       /* the items of a tenant's users instead of the list, JSON; NULL */
	bool names_repeat;             /* a second tenant of a name is no conflict */
	char taken_login[96];          /* by a user outside the parent */
	unsigned events, kill_at;      /* before and after each call's work; _exit(9) there; 0 never */
	int64_t delay_ms;
	int64_t now; /* its own wall clock, milliseconds; 0: it has none, and every list has all */
	enum acronis_call log[4096]; /* in order */
	size_t log_count;
};

/* Answers everything that `fake` is asked from now on. */
void cloud_serve(struct cloud *cloud, struct fake_transport *fake);
/* Carries one call out and answers it, for other transports. The answer's body is borrowed until the next
 * one. */
void cloud_answer(struct cloud *cloud, const struct fake_call *call, struct fake_reply *reply);
/* The answer to GET /search. A new reference. */
json_t *cloud_search(const struct cloud *cloud, const char *path);
struct cloud_tenant *cloud_tenant(struct cloud *cloud, const char *id); /* NULL: none */
struct cloud_tenant *cloud_add(struct cloud *cloud, const char *name, const char *customer, const char *tag);
struct cloud_user *cloud_add_user(struct cloud *cloud, const char *tenant, const char *login);
struct cloud_tenant *cloud_tenant_by_tag(struct cloud *cloud, const char *tag);
void cloud_fault(
    struct cloud *cloud, enum cloud_fault_kind kind, enum acronis_call call, unsigned nth, unsigned times);

#endif
