/* Subscriptions as the BSS has them: the fact base of the rules and one side of reconciliation. */
#ifndef TENANTRY_SUBSCRIPTION_H
#define TENANTRY_SUBSCRIPTION_H

#include "tenantry/order.h"

#define SUBSCRIPTION_STATUSES(X)                                                                             \
	X(SUBSCRIPTION_ACTIVE, "active")                                                                     \
	X(SUBSCRIPTION_SUSPENDED, "suspended")                                                               \
	X(SUBSCRIPTION_CANCELLED, "cancelled")                                                               \
	X(SUBSCRIPTION_PENDING, "pending")                                                                   \
	X(SUBSCRIPTION_FAILED, "failed")
enum subscription_status {
#define X(id, name) id,
	SUBSCRIPTION_STATUSES(X)
#undef X
	    SUBSCRIPTION_STATUS_COUNT
};
const char *subscription_status_name(enum subscription_status status);

/* Texts are never NULL. Live = active, suspended or pending. */
struct subscription {
	const char *id, *account_id, *account, *username, *sync_status;
	const char *external_id; /* tenant UUID, lower case; as written when it is not a UUID; "" none */
	const char *tier_text, *product_code;
	const struct tier *tier; /* NULL: names nothing in contract.tiers */
	const char *quantity;    /* as written */
	const char *source;
	int64_t updated_at; /* 0 none */
	struct date start_date, end_date;
	enum subscription_status status;
	char currency[4];
	uint32_t line;
	int16_t ramp_up_months;
	int8_t is_trial; /* 1, 0, -1 not given */
};
static inline bool subscription_is_live(const struct subscription *s)
{
	return s->status == SUBSCRIPTION_ACTIVE || s->status == SUBSCRIPTION_SUSPENDED ||
	       s->status == SUBSCRIPTION_PENDING;
}

/* A row that cannot be used (no id, no account, unknown status, wrong columns): counted, reported, never
 * guessed. */
struct quarantined_row {
	const char *source, *subscription_id, *account_id, *reason;
	const char *external_id; /* as it stands there; NULL or "": not known */
	unsigned long line;
};

struct subscriptions {
	struct arena *arena;
	struct subscription *items; /* in file order */
	size_t count, cap;
	struct quarantined_row *quarantined;
	size_t quarantined_count, quarantined_cap;
	uint64_t rows_read;  /* count + quarantined_count + repeats + superseded */
	uint64_t repeats;    /* identical rows seen again: ignored and counted */
	uint64_t superseded; /* older states of a subscription that stands here with a newer Updated At */
	/* Words for nothing that stand where the tenant's id should (placeholder.h): read as empty, and the
	 * first of them. */
	uint64_t placeholders;
	struct {
		const char *source, *word; /* NULL: there is none */
		unsigned long line;
	} placeholder;
	int64_t as_of;        /* newest file time or Updated At, milliseconds; 0 unknown */
	struct digest digest; /* of the input bytes */
};

/* Reads bss.subscriptions (all files of a glob). Gives NULL with ERR_SOURCE when a file is missing,
 * unreadable, lacks a needed column or changed while it was read. A file with only a header is an empty list.
 * Free with subscriptions_free(). */
struct subscriptions *subscriptions_load(const struct job *job, struct error *err) MUST_USE;
/* The same where they may come from a database (bss_database.h): as_of is then the moment of the snapshot. */
struct bss_snapshot;
struct subscriptions *subscriptions_load_from(
    const struct job *job, const struct bss_snapshot *snapshot, struct error *err) MUST_USE;
void subscriptions_free(struct subscriptions *subscriptions); /* NULL is fine */

/* The tier of contract.tiers that the name is of, else the product (both case-blind); NULL: none. */
const struct tier *subscription_tier(const struct job *job, struct strv name, struct strv product);

/* ---- What was read of them, kept for later comparisons (subscription_snapshot.c). */
/* All records and quarantined rows with their places, compressed when the name ends in .zst. Gives the digest
 * of the text. ERR_OUTPUT. */
int subscriptions_write(const struct subscriptions *subscriptions, const char *path,
    char digest[DIGEST_TEXT_SIZE], struct error *err) MUST_USE;
/* Reads a compressed one. Tiers are those of the job as it is now; as_of and `digest` (of the export) are the
 * caller's to set. `text` gets the digest of what was read. ERR_SOURCE. */
struct subscriptions *subscriptions_read(
    const struct job *job, const char *path, char text[DIGEST_TEXT_SIZE], struct error *err) MUST_USE;

#endif
