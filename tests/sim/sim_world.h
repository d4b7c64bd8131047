/* A small BSS and its people: accounts order and change their minds, the BSS exports orders and subscriptions
 * each evening and imports what a night wrote the next morning, later or in parts; and somebody clicks in the
 * Acronis portal. All of it before and after the nights; nothing here knows how the nights work. */
#ifndef TENANTRY_SIM_WORLD_H
#define TENANTRY_SIM_WORLD_H

#include "sim.h"

enum order_status { ORDER_SUBMITTED, ORDER_EXECUTED, ORDER_WITHDRAWN };

/* What another order under the same id differs in; of one that is not done yet only the first two make it
 * another order. */
enum reuse { REUSE_ACCOUNT, REUSE_ORDER, REUSE_ACTION, REUSE_TIER, REUSE_KINDS };

struct world_order {
	int account;
	enum action action;
	int tier; /* -1 none */
	enum order_status status;
	int64_t placed; /* wall */
	bool panic;     /* asked for with all the others */
	char subscription_id[64];
	unsigned version;    /* of its content: shows in the city */
	unsigned tiers_seen; /* bits */
	bool never;          /* breaks a rule for good */
	bool bad_login;      /* Acronis will not take it */
	bool overlap;        /* placed while another order of the account was open */
	bool changed;
	bool executed_seen; /* an export said so */
	int reused_nights;  /* so many nights the export has another one in its place */
	enum reuse reuse;
	bool was_reused;

	/* as the ledger had it after the last night */
	bool known;
	enum item_state state;
	enum step step;
	int64_t attempts;
	char tenant_id[64];
	enum park_reason park; /* while it is parked */
	char why[200];         /* its reason and text */
};

struct world_subscription {
	char id[64], external_id[64], status[64], tier[64], sync[64], start[64], end[64], currency[64],
	    updated[64];
	int account;
	int64_t due_night; /* of the last row that waits for it */
};

/* A line of an export that waits for its morning. */
struct world_row {
	int64_t night;
	bool order;
	char cells[17][64];
};

struct world {
	struct sim *sim;
	struct job *job, *other_job;   /* the other one: the same in all but its name */
	struct job *by_item, *by_both; /* the job with each bss.order_key; `job` is one of them */
	bool changes_key;              /* the setting, any day */
	char folder[96];
	struct world_order orders[SIM_ORDERS];
	int order_count, account_count;
	struct world_subscription subscriptions[SIM_ORDERS];
	int subscription_count;
	struct world_row *rows;
	size_t row_count, row_cap;
	char (*imported)[160]; /* path and digest of the exports read so far */
	size_t imported_count, imported_cap;
	int64_t night;
	uint64_t max_disables; /* the job's limit */
	bool goes_on;          /* the job: one order that can never be done does not hold up the others */
	bool calm;             /* nothing new happens, imports are prompt */
	bool decided;          /* nobody decides anything any more */
};

/* ERR: the job file cannot be made. The folder is made below `base`. */
struct world *world_begin(struct sim *sim, const char *base, struct error *err);
void world_end(struct world *world); /* removes the folder */
/* Between two nights: imports, orders, drift, then the BSS writes its files. */
void world_day(struct world *world);
/* The account's running subscription, or NULL; does an order of it wait, or a row for its morning? */
struct world_subscription *world_live(struct world *w, int account);
bool world_has_open(const struct world *w, int account);
void world_place(
    struct world *w, int account, enum action action, int tier, const struct world_subscription *s);
const char *world_account_name(int account, char text[32]);
const char *world_tier_name(int tier, char text[16]); /* "" none */
const char *world_login(const struct world *world, int account, char text[64]);

/* ---- sim_reuse.c: ids that are used again. */
void world_reuse(struct world *w);
/* The row that stands in the order's place. */
void world_add_reused(struct world *w, int number, struct strbuf *out);

/* ---- sim_decide.c */
void people_decide(struct world *world); /* some of what is parked */

/* ---- sim_losses.c */
void people_panic(struct world *w); /* somebody asks for all of them to be switched off; or takes it back */
void check_losses(struct world *w); /* after a night */

/* ---- sim_bss.c */
void bss_import(struct world *world);                    /* what has its morning today */
void bss_export(struct world *world);                    /* orders.csv and subscriptions.csv */
bool bss_awaits(const struct world *world, int account); /* a row of the account waits for its morning */
void bss_write_text(const char *path, const char *text, int64_t wall_ms); /* a file of that time */
/* The subscription of that id, a new one if there is none; NULL: there are too many. */
struct world_subscription *bss_subscription(struct world *world, const char *id);

/* ---- sim_database.c: the BSS as a database */
void database_import(struct world *world); /* what was written is there, at once */
void database_export(struct world *world); /* what people ordered, and how they changed it */
void database_notice(struct world *world); /* after a night: whose orders were changed while it ran */
void database_check(struct world *world);  /* at the end: the BSS and the ledger say the same */

#endif
