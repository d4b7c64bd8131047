/* One action on its way through its steps: a state machine over data, driven by answers. No threads, no
 * waiting inside.
 *
 * A step (design section 6) is one or more goals. A goal is something that must be so in Acronis: `read` asks
 * how it is, `judge` says whether that is as wanted, `change` makes it so; after a change it is read again.
 * flow.c moves from goal to goal and knows what all of them share: the journal, stale versions, lost answers,
 * how often. flow_steps.c has the table of goals for each action; flow_tenant.c, flow_services.c,
 * flow_contract.c and flow_user.c have the goals.
 *
 * A change whose answer was lost is settled by reading, never by repeating: found as wanted, it was carried
 * out; found otherwise in two readings acronis.settle apart, it was not, and only then it may be sent again.
 */
#ifndef TENANTRY_FLOW_IMPL_H
#define TENANTRY_FLOW_IMPL_H

#include "journal.h"

#include "tenantry/fix.h"
#include "tenantry/loss.h"

enum { CHANGES_MAX = 5 }; /* of one goal: stale versions, lost answers */

struct flow;
struct shared_list; /* shared_list.h */

enum view {
	VIEW_ASK,     /* `call` is filled: send it */
	VIEW_SAME,    /* as wanted */
	VIEW_DIFFERS, /* not as wanted */
	VIEW_AGAIN,   /* read once more (the goal has noted what for) */
	VIEW_WAIT,    /* for the shared list; then `judge` */
	VIEW_COMMON,  /* `changed` only: what the common rule says */
	VIEW_END      /* the flow was ended: failed, parked, held back or frozen */
};

struct flow_call {
	struct acronis_request request; /* done and user are set by the flow */
	struct bss_write write;         /* its kind is not BSS_NOTHING: this, in place of a request */
	char target[128];               /* changes: what the journal calls it */
	/* Not NULL: all pages of request.call with request.query. */
	int (*item)(struct flow *flow, const json_t *item, struct error *err);
};

struct goal {
	const char *name;
	enum step step;
	enum acronis_call
	    call;            /* the changing call, to find what is in doubt; CALL_COUNT: it changes nothing */
	const char *setting; /* a setting's name, where one call serves several goals; NULL */
	enum bss_write_kind write;               /* in place of `call`: what it writes to the BSS */
	bool (*wanted)(const struct flow *flow); /* NULL: always. False: reached without a call */
	enum view (*read)(struct flow *flow, struct flow_call *call);
	enum view (*judge)(struct flow *flow, const struct acronis_answer *answer);
	enum view (*change)(struct flow *flow, struct flow_call *call);
	enum view (*looked)(
	    struct flow *flow, const struct bss_item_state *state); /* judge, of a look at the BSS */
	/* Does the change that is about to be made take something away? NULL: never. */
	bool (*takes)(const struct flow *flow, struct loss *loss);
	/* What the answer to a change means, where it is more than "read it back". NULL: VIEW_COMMON. */
	enum view (*changed)(struct flow *flow, const struct acronis_answer *answer);
};

/* Offering items that a contract tenant has (flow_services.c). */
struct wanted_items {
	struct acronis_offering_item *items;
	size_t count;
	char missing[160]; /* "" or what contract.offering_items names and the parent does not have */
};
void wanted_items_find(const struct job *job, const struct acronis_session *session, struct arena *arena,
    struct wanted_items *out);

/* What all flows of a run share. */
struct flow_env {
	const struct job *job;
	const struct acronis_session *session;
	struct world *world;
	struct clock *clock;
	struct journal journal;
	struct shared_list *children; /* of the parent, for all who wait for them */
	struct loss_guard losses;
	struct wanted_items items;
	struct bss_writer *writer; /* NULL: the BSS gets files */
	size_t in_flight;          /* flows that wait for an answer of Acronis */
	size_t writing;            /* and of the BSS */
	bool halted;               /* nothing more is sent; flows stay as they are */
	bool unauthorized, broken;
	char unauthorized_text[512];
	bool bss_gone; /* nothing can be written to it */
	char bss_text[512];
	struct error *err;                           /* when broken: the ledger's */
	void (*over)(void *user, struct flow *flow); /* a flow ended; it may be freed after the callback */
	void *user;
};

enum flow_phase { FLOW_READ, FLOW_CHANGE, FLOW_WAITING /* for the shared list */, FLOW_PAUSED, FLOW_OVER };
enum flow_end { END_NONE /* or frozen */, END_DONE, END_FAILED, END_PARKED, END_HELD };
enum doubt { DOUBT_NONE, DOUBT_FIRST, DOUBT_SECOND }; /* which reading is to come */

enum user_look { LOOK_KNOWN, LOOK_IDS, LOOK_USERS };

/* What is looked at before a tenant is made (flow_seek.c), in this order. */
enum seek { SEEK_NOTHING_YET, SEEK_LIST, SEEK_ACCOUNT, SEEK_NAME, SEEK_FOUND, SEEK_CHILDREN, SEEK_OVER };

/* How the last list ended that a flow waited for. */
struct shared_answer {
	bool proved;
	bool lags;                    /* it came, and lacks what was there before it began */
	struct acronis_answer answer; /* its result is API_OK when it came; text: what was wrong */
};

struct ticket; /* a call under way (flow.c) */

struct flow {
	struct flow_env *env;
	const struct plan_action *action;
	size_t index; /* of the action in the plan */
	struct arena *arena;
	struct ticket *ticket;
	struct item_record record; /* as the ledger is told */
	struct step_record *rows;  /* the item's journal before this flow */
	size_t row_count;

	const struct goal *const *goals; /* NULL-terminated */
	size_t at;
	enum flow_phase phase;
	int64_t started_at; /* monotonic */
	int64_t wake_at;    /* monotonic; FLOW_PAUSED */

	/* of the goal at hand */
	enum doubt doubt;
	unsigned changes;
	unsigned looks;       /* at the BSS, without an answer */
	enum api_result last; /* of the last change */
	char last_text[512];
	int64_t *open; /* journal rows without an outcome */
	size_t open_count, open_cap;

	/* what the steps learn */
	bool tenant_is_new; /* made by this flow: nobody is in it yet */
	bool user_is_ours;  /* made by this flow */
	bool user_is_active;
	bool taken; /* a create was refused: somebody has it */
	enum seek seek;
	bool listed;              /* in this seeking: the children of the parent, all of them */
	bool search_says_nothing; /* a text too short, or more finds than an answer holds */
	const char *found; /* ids that a search found and the world does not have, with spaces; NULL none */
	unsigned found_above;
	struct shared_answer list; /* that it waited for */
	enum user_look look;       /* what the reading of the user step asks */
	const char *
	    user_ids; /* of the tenant, with commas: those that the second stage has yet to read; NULL none */
	bool sent;    /* a changing call */
	bool has_value;  /* the tier, as read last */
	int64_t value;   /* then */
	int64_t version; /* of the object read last */
	bool enabled;
	struct acronis_offering_item *changes_wanted;
	size_t changes_count;
	json_t *policies; /* as read */

	const char *pricing_mode; /* as read */
	const char *moved; /* of a correction: what is there now, when the file has it otherwise; NULL */

	enum flow_end end;
	enum park_reason park;
	enum fail_reason fail;
	bool their_side;
	char text[600]; /* for people */
};

/* ---- flow.c */
/* `record` and `rows` are the ledger's, in `arena`, which the flow takes over. Nothing is sent before
 * flow_go(). */
struct flow *flow_new(struct flow_env *env, const struct plan_action *action, size_t index,
    const struct item_record *record, struct step_record *rows, size_t row_count, struct arena *arena);
/* A call that is still under way loses its flow; its answer goes nowhere. */
void flow_free(struct flow *flow);
/* Goes on until it waits for an answer, pauses or is over. */
void flow_go(struct flow *flow);
/* Ends it; gives VIEW_END. */
enum view flow_park(struct flow *flow, enum park_reason reason, const char *format, ...)
    __attribute__((format(printf, 3, 4)));
/* Of a correction: it is not carried out, and nothing went wrong. */
enum view flow_skip(struct flow *flow, enum fix_skip reason, const char *format, ...)
    __attribute__((format(printf, 3, 4)));
enum view flow_fail(struct flow *flow, enum fail_reason reason, const char *format, ...)
    __attribute__((format(printf, 3, 4)));
/* What every goal does with an answer it has no use for. */
enum view flow_trouble(struct flow *flow, const struct acronis_answer *answer);
/* The item stays `running` in the ledger: the next run goes on where this one stopped. */
enum view flow_freeze(struct flow *flow);
/* The body of an API_OK answer was not what decode expects. */
enum view flow_unreadable(struct flow *flow, const struct error *err);
void flow_ask(struct flow_call *call, enum acronis_call name, const char *a);
/* The shared list that it waits for has ended. */
void flow_listed(struct flow *flow, const struct shared_answer *answer);
const char *flow_keep(struct flow *flow, const char *text);
/* The item's record, and what is known of its tenant, into the ledger: an id that was learned must survive a
 * kill. */
void flow_save(struct flow *flow, enum step step);

/* ---- flow_bss.c */
/* What an answer of the BSS means that is not BSS_DONE. */
enum view flow_write_trouble(struct flow *flow, const struct bss_answer *answer);
/* What is written, as one text, for the journal's digest. The caller frees. */
char *flow_write_content(const struct bss_write *write);
/* An item of this action failed or was parked with its subscription pending: the BSS shows why. Nobody waits
 * for it. */
void flow_mark_failed(
    struct flow_env *env, const struct plan_action *action, const struct item_record *record);

/* ---- flow_seek.c: read and judge of the goal that makes the tenant. VIEW_SAME: it is there, by our tag, and
 * the record has its id; VIEW_DIFFERS: two looks of different kind did not find it, nor anything in its way.
 */
enum view flow_seek(struct flow *flow, struct flow_call *call);
enum view flow_sought(struct flow *flow, const struct acronis_answer *answer);

/* ---- flow_contract.c: settings of the platform application. */
enum view flow_ask_setting(
    struct flow *flow, struct flow_call *call, enum acronis_call name, const char *setting);
/* VIEW_SAME: `out` is what the tenant has of its own. */
enum view flow_take_setting(
    struct flow *flow, const struct acronis_answer *answer, struct acronis_setting *out);
/* The same of the tier, into has_value and value. What is there and is no number is not written over: nobody
 * could say how far down that leads. */
enum view flow_take_tier(struct flow *flow, const struct acronis_answer *answer, struct acronis_setting *out);
extern const char flow_tier_setting[];

/* ---- flow_loss.c: the budget for loss, looked at right before each changing call. */
/* `takes` of a goal that sets the tier: the way down from what was read. */
bool flow_takes_tier(const struct flow *flow, struct loss *loss);
/* `takes` of a goal that is about the whole action: what the action takes. */
bool flow_takes_all(const struct flow *flow, struct loss *loss);
/* May the goal's change be made? 1: yes, and what it takes is in the ledger; 0: it must be held back; -1. */
int flow_take_loss(struct flow *flow, const struct goal *goal);
/* What ended before anything was changed took nothing away. */
void flow_release_loss(struct flow *flow);
extern const char flow_held_text[];

/* ---- flow_steps.c */
const struct goal *const *flow_goals(const struct plan_action *action);
/* ---- flow_fix.c */
const struct goal *const *flow_fix_goals(enum fix_change change);

extern const struct goal goal_subscription, goal_login, goal_tenant, goal_contact, goal_present,
    goal_services, goal_mfa, goal_pricing, goal_licensing, goal_tier, goal_tier_kept, goal_user, goal_role,
    goal_mail, goal_switch, goal_activate;

#endif
