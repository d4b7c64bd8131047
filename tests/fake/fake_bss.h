/* A BSS database as memory: orders, subscriptions, and the writer that provisioning writes to them with,
 * under the same guards as the functions of samples/bss/schema.sql. Plain data without pointers, so that it
 * can lie in memory that a killed night shares. */
#ifndef TENANTRY_TESTS_FAKE_BSS_H
#define TENANTRY_TESTS_FAKE_BSS_H

#include "tenantry/bss_writer.h"

enum { FAKE_BSS_MAX = 128 };

struct fake_bss_order {
	char order_item_id[48], account_id[32], product[32], tier[32], action[16],
	    status[32];           /* status: of the order */
	char subscription_id[64]; /* that it became, once executed */
	bool executed;
};
struct fake_bss_subscription {
	char id[64], order_item_id[48], account_id[32], external_id[64], status[16], sync_status[16],
	    comment[400], product[32], currency[4], start_date[16];
};
struct fake_bss {
	struct fake_bss_order orders[FAKE_BSS_MAX];
	size_t order_count;
	struct fake_bss_subscription subscriptions[FAKE_BSS_MAX];
	size_t subscription_count;
	unsigned begun, activated, failed; /* times that something was really written */
	unsigned twice; /* that an order item was executed again, or a second subscription made for it: must
			   stay 0 */
};

struct fake_bss_order *fake_bss_add(
    struct fake_bss *bss, const char *order_item_id, const char *account_id, const char *action);
struct fake_bss_order *fake_bss_find(struct fake_bss *bss, const char *order_item_id);
struct fake_bss_subscription *fake_bss_subscription(struct fake_bss *bss, const char *id);

enum fake_bss_fault {
	BSS_FINE,
	BSS_LOSE_BEFORE, /* the connection is lost, nothing was written */
	BSS_LOSE_AFTER,
	BSS_LOCKED_OUT,
	BSS_REFUSES,
	BSS_IS_GONE
};
struct fake_bss_hooks {
	enum fake_bss_fault (*fault)(void *user, const struct bss_write *write); /* NULL: never any */
	void (*event)(
	    void *user); /* before and after each write: a night may be killed there; NULL: nothing */
	void *user;
};
/* `bss` and `hooks` are borrowed. Any other status than Submitted and "" is not pending. Close with
 * bss_writer_close(). */
struct bss_writer *fake_bss_writer_new(struct fake_bss *bss, const struct fake_bss_hooks *hooks);

#endif
