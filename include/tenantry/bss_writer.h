/* Writing back to the BSS: what provisioning tells it about each order item.
 *
 * A write is queued by bss_writer_send() and leaves in a later bss_writer_turn(), so that a caller who
 * journals between the two has its intent on disk first; its answer comes to `done` inside a turn. What waits
 * together leaves together: one round trip for many items, each of them whole or not at all by itself.
 * Nothing is ever repeated here: BSS_UNKNOWN has to be looked up (BSS_LOOK).
 *
 * With CSV sources there is no writer: the import files of a run (export_write) say the same.
 */
#ifndef TENANTRY_BSS_WRITER_H
#define TENANTRY_BSS_WRITER_H

#include "tenantry/clock.h"
#include "tenantry/error.h"
#include "tenantry/job.h"

#define BSS_WRITES(X) /* id, name in the journal */                                                          \
	X(BSS_NOTHING, "")                                                                                   \
	X(BSS_LOOK, "bss.look")   /* how an order item stands; changes nothing */                            \
	X(BSS_BEGIN, "bss.begin") /* the subscription, pending */                                            \
	X(BSS_ACTIVATE,                                                                                      \
	    "bss.activate")     /* the subscription as ordered, synchronized; the order item executed */     \
	X(BSS_FAIL, "bss.fail") /* the pending subscription says why it is not there yet */
enum bss_write_kind {
#define X(id, name) id,
	BSS_WRITES(X)
#undef X
	    BSS_WRITE_KINDS
};
const char *bss_write_name(enum bss_write_kind kind);

#define BSS_OUTCOMES(X)   /* id, name */                                                                     \
	X(BSS_DONE, "ok") /* carried out, now or before */                                                   \
	X(BSS_CHANGED,                                                                                       \
	    "changed") /* nothing written: the order is not what it was; text says what differs */           \
	X(BSS_REFUSED, "refused")         /* nothing written: a constraint or a value */                     \
	X(BSS_BUSY, "busy")               /* nothing written: somebody else holds the lock */                \
	X(BSS_UNAVAILABLE, "unavailable") /* nothing written, and nothing will be: text says why */          \
	X(BSS_UNKNOWN, "unknown")         /* the connection was lost: perhaps written */                     \
	X(BSS_STOPPED, "cancelled")       /* never sent */
enum bss_outcome {
#define X(id, name) id,
	BSS_OUTCOMES(X)
#undef X
	    BSS_OUTCOME_COUNT
};
const char *bss_outcome_name(enum bss_outcome outcome);

/* Of BSS_LOOK. Texts never NULL; borrowed during the callback. */
struct bss_item_state {
	bool there;
	const char *order_status, *item_status, *subscription_id, *external_id, *status, *sync_status;
};
struct bss_answer {
	enum bss_outcome outcome;
	char text[400]; /* for people; "" */
	struct bss_item_state state;
};

/* Texts are copied; NULL: not said, not compared. */
struct bss_write {
	enum bss_write_kind kind;
	const char *order_item_id; /* the item's id, of an order without items the order's */
	const char *order_id;      /* for sites whose item ids are unique within their order only */
	const char *action, *account_id, *subscription_id, *external_id, *username, *product, *currency,
	    *start_date, *status, *reason;
	const char *ordered_product, *ordered_tier,
	    *ordered_action; /* as they were read: another value now is BSS_CHANGED */
	void (*done)(void *user, const struct bss_answer *answer);
	void *user;
};

struct bss_writer;
struct bss_writer_ops {
	void (*send)(struct bss_writer *, const struct bss_write *);
	int (*turn)(struct bss_writer *, int64_t max_wait_ms, struct error *err);
	size_t (*pending)(const struct bss_writer *);
	void (*stop)(struct bss_writer *);
	void (*close)(struct bss_writer *);
};
struct bss_writer {
	const struct bss_writer_ops *ops;
};

static inline void bss_writer_send(struct bss_writer *writer, const struct bss_write *write)
{
	writer->ops->send(writer, write);
}
/* Sends what is queued, waits at most max_wait_ms for answers, calls back. -1 only for what is no answer
 * (ERR_INTERNAL). */
static inline int bss_writer_turn(struct bss_writer *writer, int64_t max_wait_ms, struct error *err)
{
	return writer->ops->turn(writer, max_wait_ms, err);
}
/* Queued and on their way; a NULL writer has none. */
static inline size_t bss_writer_pending(const struct bss_writer *writer)
{
	return writer ? writer->ops->pending(writer) : 0;
}
/* Nothing new is sent from now on: what is queued ends as BSS_STOPPED. */
static inline void bss_writer_stop(struct bss_writer *writer)
{
	writer->ops->stop(writer);
}
/* NULL is fine. What is unanswered gets no answer any more. */
static inline void bss_writer_close(struct bss_writer *writer)
{
	if (writer)
		writer->ops->close(writer);
}

/* Is the job one that writes to the database? Otherwise its runs write files. */
bool bss_writes_back(const struct job *job);

struct bss_writer_settings {
	const struct job *job;
	const char *run_id;
	struct clock *clock;
	const volatile int *stop; /* for the first connection; afterwards bss_writer_stop() */
	/* What an administrator of the database should mend, though nothing is in the way; hint "": the next
	 * one has it. NULL: not asked for. Called while the writer is opened. */
	void (*warn)(void *user, const char *text, const char *hint);
	void *user;
};
/* Connects to the primary, proves the rights and takes the lock of this BSS among all machines. ERR_BSS;
 * ERR_LOCKED: another night writes to this BSS. Close with bss_writer_close(). */
struct bss_writer *pg_writer_open(const struct bss_writer_settings *settings, struct error *err) MUST_USE;

#endif
