/* The simulation: seeded worlds of many nights. Each night is the real run_job() over the files of a small
 * BSS, against a modelled Acronis behind a transport, under a clock that nobody waits for. What a night does
 * to the cloud must hold whatever fails: see sim_check.c for the invariants.
 *
 * Everything that a killed night must leave behind (cloud, clock, chance, counters) lies in one block of
 * shared memory without pointers into the heap, so that a night can be played in a child that ends at any
 * point. Everything is drawn from one seed, the kernel's randomness of run ids and jitter included, so that
 * a seed replays exactly. */
#ifndef TENANTRY_SIM_H
#define TENANTRY_SIM_H

#include "../fake/fake_bss.h"
#include "../fake/fake_cloud.h"
#include "tenantry/job.h"
#include "tenantry/run.h"

enum { SIM_ACCOUNTS = 12, SIM_ORDERS = 72, SIM_TIERS = 8, SIM_KILLED = 137 };

struct sim_random {
	uint64_t state;
};
uint64_t sim_below(struct sim_random *random, uint64_t n); /* 0 .. n-1 */
bool sim_chance(struct sim_random *random, unsigned permille);

/* What can happen to a call: id, name, may it happen to a reading, to a change; weight. */
#define SIM_FAULTS(X)                                                                                        \
	X(MISS_NOT_SENT, "never sent", true, true, 2)                                                        \
	X(MISS_LOST_BEFORE, "lost before commit", true, true, 4)                                             \
	X(MISS_LOST_AFTER, "lost after commit", false, true, 6)                                              \
	X(MISS_TIMEOUT_BEFORE, "time-out before commit", true, true, 2)                                      \
	X(MISS_TIMEOUT_AFTER, "time-out after commit", false, true, 3)                                       \
	X(MISS_CUT, "cut body", true, true, 3)                                                               \
	X(MISS_PAGE, "a page of a proxy", true, true, 1)                                                     \
	X(MISS_429, "429", true, true, 3)                                                                    \
	X(MISS_429_SECONDS, "429, Retry-After in seconds", true, true, 2)                                    \
	X(MISS_429_DATE, "429, Retry-After as a date", true, true, 1)                                        \
	X(MISS_500_BEFORE, "500 before commit", true, true, 2)                                               \
	X(MISS_503_BEFORE, "503 before commit", true, true, 2)                                               \
	X(MISS_500_AFTER, "500 after commit", false, true, 3)                                                \
	X(MISS_503_AFTER, "503 after commit", false, true, 2)                                                \
	X(MISS_401, "401, token withdrawn", true, true, 2)                                                   \
	X(MISS_STALE, "others write first: 1001, 426", false, true, 8)                                       \
	X(MISS_RACE_NAME, "a stranger takes the name: 1004", false, true, 6)                                 \
	X(MISS_RACE_LOGIN, "a stranger takes the login: 409", false, true, 6)                                \
	X(MISS_UNLISTED, "made, but not listed yet", false, true, 8)                                         \
	X(MISS_SLOW, "slow", true, true, 3)
enum sim_fault {
#define X(id, name, reads, changes, weight) id,
	SIM_FAULTS(X)
#undef X
	    SIM_FAULT_COUNT
};

/* What a list of tenants, or a search for them, can say wrongly: id, name, is it of searches? */
#define SIM_LIES(X)                                                                                          \
	X(LIE_EMPTY, "an empty list", false)                                                                 \
	X(LIE_CUT, "a list cut in half", false)                                                              \
	X(LIE_SHORT, "a tenant missing in a list", false)                                                    \
	X(LIE_LAGGING, "a list that lags", false)                                                            \
	X(LIE_TWICE, "a tenant twice in a list", false)                                                      \
	X(LIE_NAMELESS, "a tenant without id", false)                                                        \
	X(LIE_ENDLESS, "a list without end", false)                                                          \
	X(LIE_END_NULL, "a list that ends with null", false)                                                 \
	X(LIE_END_EMPTY, "a list that ends with an empty text", false)                                       \
	X(LIE_SEARCH_EMPTY, "a search that finds nothing", true)                                             \
	X(LIE_SEARCH_SHORT, "a search that misses one", true)                                                \
	X(LIE_SEARCH_FAILS, "a search that fails", true)
enum sim_lie {
#define X(id, name, of_searches) id,
	SIM_LIES(X)
#undef X
	    SIM_LIE_COUNT
};

/* Why an account may end otherwise than its orders say. */
enum excuse {
	EXCUSE_STRANGER = 1, /* somebody else has the name or the account id */
	EXCUSE_LOGIN = 2,
	EXCUSE_MAIL = 4, /* the activation mail was cut off between its intent and its outcome */
	EXCUSE_RENAMED = 8,
	EXCUSE_DISABLED = 16,
	EXCUSE_TIER = 32,
	EXCUSE_DELETED = 64,
	EXCUSE_MOVED = 128,
	EXCUSE_USER = 256,
	EXCUSE_LOCKED = 512,
	EXCUSE_OVERLAP = 1024, /* orders that were placed over each other */
	EXCUSE_LOST_EXPORT = 2048
};

/* The time between the journal's word that a mail will go out and its word that it went. */
enum mail_window { MAIL_CLOSED, MAIL_JOURNALLED, MAIL_INTENDED, MAIL_ANSWERED };

struct sim_stats {
	uint64_t worlds, nights, kills, interrupted, locked_out, second_runs, requests, drifts,
	    changed_orders, orders, reused, imports, decisions, databases, writes, meddled, partial, whole,
	    mass_days, held, let_pass;
	uint64_t lies[SIM_LIE_COUNT];
	uint64_t faults[SIM_FAULT_COUNT], bss_faults[BSS_IS_GONE + 1], exits[256], parked[PARK_REASON_COUNT];
};

enum { SIM_LOSSES = 512 };
struct sim_losses {
	unsigned seen[SIM_ACCOUNTS];    /* losses in the cloud that our calls made */
	unsigned counted[SIM_ACCOUNTS]; /* rows of the ledger */
	struct {
		int64_t at; /* monotonic: no clock that is set back */
		int tier;   /* that it had until then */
	} had[SIM_ACCOUNTS][16];
	unsigned had_count[SIM_ACCOUNTS];
	int64_t rows[SIM_LOSSES]; /* when each row was seen, monotonic */
	size_t row_count;
	int64_t last_row;  /* of the ledger */
	uint64_t may_pass; /* tonight's --allow-disables; 0 none */
};

struct sim {
	struct clock clock;
	struct sim_random world, weather, machine;
	struct cloud cloud;
	int64_t unlisted_until[CLOUD_MAX]; /* monotonic */
	bool stranger[CLOUD_MAX];          /* a tenant that is none of our business */
	bool database;                     /* the BSS is one, and is written back to */
	struct fake_bss bss;               /* then */
	struct fake_bss_hooks bss_hooks;
	int64_t written_at; /* the last time that it was written to, by its own clock */
	int64_t settle_ms;

	/* tonight */
	unsigned fault_permille,
	    meddle_permille;   /* of requests that fail; of writes whose order is changed by somebody */
	unsigned lie_permille; /* of the lists, or searches, of the night */
	enum sim_lie lie;
	bool lied, lied_ever;          /* a list of tonight did; one of this world */
	int64_t down_from, down_until; /* events between which everything is 503 */
	uint64_t events;
	uint64_t kill_at, stop_at, second_at; /* events; 0 never */
	bool mortal;                          /* this process may be killed */
	bool stopped, second_tried;
	int nesting;

	unsigned reused_rows; /* tonight's file has so many rows under ids that are another order's */

	uint64_t token;
	int64_t token_expires, token_life_s;

	unsigned excuses[SIM_ACCOUNTS];
	int account_of[SIM_ORDERS]; /* -1 none */
	enum mail_window mail[SIM_ORDERS];
	int mails_resent[SIM_ORDERS]; /* because a person said so */
	bool meddled[SIM_ORDERS];     /* somebody changed it while a night was writing about it */

	/* what our calls took away, by account, and what the ledger counted of it (sim_losses.c) */
	struct sim_losses losses;

	struct sim_stats stats;
	uint64_t seed;
	unsigned night;
	char failure[1000]; /* "" while all is well */
};

/* Notes that an invariant is broken; the first one stays. */
void sim_fail(struct sim *sim, const char *format, ...) __attribute__((format(printf, 2, 3)));
/* A point where a night can be killed. */
void sim_event(struct sim *sim);
/* The block that the wrapped functions know (sim_points.c). */
void sim_points_setup(struct sim *sim);

/* ---- sim_cloud.c: Acronis as a transport. `second`, where it is not NULL, is called once in the middle of
 * the night: another run tries its luck. Close it after the run. */
struct transport *sim_transport_new(struct sim *sim, void (*second)(void *user), void *user);
struct cloud_user *sim_user_of(struct sim *sim, const char *tenant, const char *login);
/* The wall clock at Acronis. */
int64_t sim_cloud_now(struct sim *sim);
const char *sim_fault_name(enum sim_fault fault);
/* ---- sim_lists.c: draws whether and how the lists of the night lie. */
void sim_draw_lie(struct sim *sim);
const char *sim_lie_name(enum sim_lie lie);
/* The order number of an item key "main/OI-17", the account number of "A5"; -1 none. */
int sim_order_number(const char *key);
int sim_account_number(const char *account_id);

/* ---- sim_losses.c: the budget for loss. Around each changing call: what did it take from its tenant? */
struct sim_before {
	size_t count;
	bool enabled[CLOUD_MAX];
	int tier[CLOUD_MAX];
};
void losses_look(const struct sim *sim, struct sim_before *before);
void losses_note(struct sim *sim, const struct sim_before *before);

/* ---- sim_database.c: the BSS's database as a writer, with the night's weather. Close it after the run. */
struct bss_writer *sim_writer_new(struct sim *sim);

#endif
