/* Order items, as they stand now and as they stood at the end of each run; and what was rejected. */
#include "ledger_impl.h"

#include "sql.h"
#include "tenantry/crash_point.h"

enum { ITEMS_NAMED_MAX = 1000 };

static int read_item(struct query *q, struct item_record *out)
{
	int action, state, step;

	out->account_id = next_text(q);
	out->key = next_text(q);
	out->order_id = next_text(q);
	out->item_id = next_text(q);
	out->account = next_text(q);
	out->login = next_text(q);
	out->subscription_id = next_text(q);
	out->tenant_id = next_text(q);
	out->user_id = next_text(q);
	out->tier = next_text(q);
	out->currency = next_text(q);
	out->digest = next_text(q);
	out->reason = next_text(q);
	out->text = next_text(q);
	out->run_id = next_text(q);
	out->source = next_text(q);
	out->start_date = next_text(q);
	out->line = (unsigned long)next_int(q);
	if ((action = next_name(q, ledger_action_names, ACTION_COUNT)) < 0 ||
	    (state = next_name(q, ledger_item_state_names, ITEM_STATE_COUNT)) < 0 ||
	    (step = next_name(q, ledger_step_names, STEP_COUNT)) < 0)
		return -1;
	out->action = (enum action)action;
	out->state = (enum item_state)state;
	out->step = (enum step)step;
	out->batch = next_int(q);
	out->attempts = next_int(q);
	out->updated_at = next_int(q);
	out->received_at = next_int(q);
	out->executed_at = next_int(q);
	out->ordered_at = next_int(q);
	out->ordered_action = next_text(q);
	out->ordered_product = next_text(q);
	out->ordered_tier = next_text(q);
	out->parent_order_id = next_text(q);
	out->content = next_text(q);
	out->blocker = next_text(q);
	return 0;
}

int ledger_item_get(
    struct ledger *ledger, const char *key, struct arena *arena, struct item_record *out, struct error *err)
{
	struct query q;
	int rc;

	if (query_begin(&q, ledger, sql_item_get, arena, err) < 0)
		return -1;
	bind_text(&q, ":key", key);
	bool found = (rc = query_step(&q)) > 0;
	if (found)
		rc = read_item(&q, out);
	return query_end(&q, rc) < 0 ? -1 : found;
}

int ledger_item_state(struct ledger *ledger, struct strv key, enum item_state *out,
    char digest[DIGEST_TEXT_SIZE], struct error *err)
{
	struct query q;
	int rc = known_keys_may_have(ledger, key, err);

	if (rc <= 0)
		return rc;
	if (query_begin(&q, ledger, sql_item_state, NULL, err) < 0)
		return -1;
	bind_strv(&q, ":key", key);
	bool found = (rc = query_step(&q)) > 0;
	if (found && (rc = next_name(&q, ledger_item_state_names, ITEM_STATE_COUNT)) >= 0) {
		*out = (enum item_state)rc;
		if (digest)
			snprintf(digest, DIGEST_TEXT_SIZE, "%s", next_text(&q));
	}
	return query_end(&q, rc) < 0 ? -1 : found;
}

static void bind_item_texts(struct query *q, const struct item_record *item)
{
	bind_text(q, ":account_id", item->account_id);
	bind_text(q, ":key", item->key);
	bind_text(q, ":order_id", item->order_id);
	bind_text(q, ":item_id", item->item_id);
	bind_text(q, ":account", item->account);
	bind_text(q, ":login", item->login);
	bind_text(q, ":subscription_id", item->subscription_id);
	bind_text(q, ":tenant_id", item->tenant_id);
	bind_text(q, ":user_id", item->user_id);
	bind_text(q, ":tier", item->tier);
	bind_text(q, ":currency", item->currency);
	bind_text(q, ":digest", item->digest);
	bind_text(q, ":reason", item->reason);
	bind_text(q, ":text", item->text);
	bind_text(q, ":run_id", item->run_id);
	bind_text(q, ":source", item->source);
	bind_text(q, ":start_date", item->start_date);
	bind_text(q, ":ordered_action", item->ordered_action);
	bind_text(q, ":ordered_product", item->ordered_product);
	bind_text(q, ":ordered_tier", item->ordered_tier);
	bind_text(q, ":parent_order_id", item->parent_order_id);
	bind_text(q, ":content", item->content);
	bind_text(q, ":blocker", item->blocker);
}

static int item_copy(struct ledger *ledger, const char *key, struct error *err)
{
	struct query q;

	if (change_begin(&q, ledger, sql_item_copy, err) < 0)
		return -1;
	bind_text(&q, ":key", key);
	return query_run(&q);
}

/* Into the table of the query, which takes all that a record has. */
static int write_item(
    struct ledger *ledger, const char *sql, const struct item_record *item, struct error *err)
{
	int64_t now = clock_wall_ms(ledger->clock);
	struct query q;

	CRASH_POINT("item", ledger_item_state_names[item->state]);
	if (change_begin(&q, ledger, sql, err) < 0)
		return -1;
	bind_item_texts(&q, item);
	bind_int(&q, ":line", (int64_t)item->line);
	bind_text(&q, ":action", ledger_action_names[item->action]);
	bind_text(&q, ":state", ledger_item_state_names[item->state]);
	bind_text(&q, ":step", ledger_step_names[item->step]);
	bind_int(&q, ":batch", item->batch);
	bind_int(&q, ":attempts", item->attempts);
	bind_int(&q, ":now", now);
	bind_int(&q, ":received_at", item->received_at ? item->received_at : now);
	bind_int(&q, ":executed_at", item->executed_at);
	bind_int(&q, ":ordered_at", item->ordered_at);
	if (query_run(&q) < 0)
		return -1;
	CRASH_POINT("item-written", ledger_item_state_names[item->state]);
	return 0;
}

int ledger_item_settle(struct ledger *ledger, const struct item_record *item, struct error *err)
{
	if (write_item(ledger, sql_item_put, item, err) < 0)
		return -1;
	known_keys_add(&ledger->known, strv_of(item->key), strv_of(item->order_id), strv_of(item->item_id));
	return 0;
}

int ledger_item_put(struct ledger *ledger, const struct item_record *item, struct error *err)
{
	return ledger_item_settle(ledger, item, err) < 0 ? -1 : item_copy(ledger, item->key, err);
}

int ledger_item_note(struct ledger *ledger, const struct item_record *item, struct error *err)
{
	return write_item(ledger, sql_run_item_put, item, err);
}

/* The query whose index suits the filter best; what else is asked for, each of them checks row by row. */
static const char *items_query(const struct item_filter *filter)
{
	if (filter->run_id)
		return sql_items_of_run;
	if (filter->order_id)
		return sql_items_of_order;
	if (filter->account_id)
		return sql_items_of_account;
	return filter->state >= 0 ? sql_items_in_state : sql_items_all;
}

/* Each row of a query that gives items; ends it. */
static int give_items(struct query *q, int (*each)(void *user, const struct item_record *), void *user)
{
	int rc;

	while ((rc = query_step(q)) > 0) {
		struct item_record item;
		if ((rc = read_item(q, &item)) < 0 || (rc = each(user, &item)) != 0)
			break;
	}
	return query_end(q, rc);
}

int ledger_items(struct ledger *ledger, const struct item_filter *filter,
    int (*each)(void *user, const struct item_record *), void *user, struct error *err)
{
	struct query q;

	if (query_begin(&q, ledger, items_query(filter), NULL, err) < 0)
		return -1;
	if (filter->run_id)
		bind_text(&q, ":run_id", filter->run_id);
	if (filter->order_id)
		bind_text(&q, ":order_id", filter->order_id);
	if (filter->account_id)
		bind_text(&q, ":account_id", filter->account_id);
	if (filter->state >= 0)
		bind_text(&q, ":state", item_state_name((enum item_state)filter->state));
	return give_items(&q, each, user);
}

int ledger_items_unimported(struct ledger *ledger, int64_t until,
    int (*each)(void *user, const struct item_record *), void *user, struct error *err)
{
	struct query q;

	if (query_begin(&q, ledger, sql_items_unimported, NULL, err) < 0)
		return -1;
	bind_int(&q, ":until", until);
	return give_items(&q, each, user);
}

int ledger_import_put(struct ledger *ledger, const char *key, int64_t at, struct error *err)
{
	struct query q;

	if (change_begin(&q, ledger, sql_import_put, err) < 0)
		return -1;
	bind_text(&q, ":key", key);
	bind_int(&q, ":at", at);
	return query_run(&q);
}

int ledger_import_at(struct ledger *ledger, const char *key, int64_t *at, struct error *err)
{
	struct query q;
	int rc;

	*at = 0;
	if (query_begin(&q, ledger, sql_import_get, NULL, err) < 0)
		return -1;
	bind_text(&q, ":key", key);
	if ((rc = query_step(&q)) > 0)
		*at = next_int(&q);
	return query_end(&q, rc);
}

static int note_first_read(struct ledger *ledger, struct strv key, int64_t at, struct error *err)
{
	struct query q;

	if (change_begin(&q, ledger, sql_first_read_put, err) < 0)
		return -1;
	bind_strv(&q, ":key", key);
	bind_int(&q, ":at", at);
	return query_run(&q);
}

int ledger_first_read(struct ledger *ledger, struct strv key, bool note, int64_t *at, struct error *err)
{
	struct query q;
	int64_t known = 0;
	int rc;

	if (query_begin(&q, ledger, sql_first_read_get, NULL, err) < 0)
		return -1;
	bind_strv(&q, ":key", key);
	if ((rc = query_step(&q)) > 0)
		known = next_int(&q); /* 0: NULL, no run did */
	if (query_end(&q, rc) < 0)
		return -1;
	if (known > 0)
		*at = known;
	else if (note)
		return note_first_read(ledger, key, *at, err);
	return 0;
}

/* Which query finds them, once it is known that there may be some. */
static const char *named_query(struct strv order_id, struct strv item_id)
{
	if (!order_id.p)
		return sql_items_lines;
	return item_id.p ? sql_items_named : sql_items_of_order;
}

int ledger_items_named(struct ledger *ledger, struct strv order_id, struct strv item_id,
    int (*each)(void *user, const struct item_record *), void *user, struct error *err)
{
	struct query q;
	int left = ITEMS_NAMED_MAX, rc = order_id.p ? known_keys_may_have_order(ledger, order_id, err)
						    : known_keys_may_have_line(ledger, item_id, err);

	if (rc <= 0)
		return rc;
	if (query_begin(&q, ledger, named_query(order_id, item_id), NULL, err) < 0)
		return -1;
	if (order_id.p)
		bind_strv(&q, ":order_id", order_id);
	if (item_id.p)
		bind_strv(&q, ":item_id", item_id);
	while (left-- > 0 && (rc = query_step(&q)) > 0) {
		struct item_record item;
		if ((rc = read_item(&q, &item)) < 0 || (rc = each(user, &item)) != 0)
			break;
	}
	return query_end(&q, rc);
}

int ledger_rejection_put(struct ledger *ledger, const struct rejection_record *rejection, struct error *err)
{
	struct query q;

	if (change_begin(&q, ledger, sql_rejection_put, err) < 0)
		return -1;
	bind_text(&q, ":run_id", rejection->run_id);
	bind_text(&q, ":key", rejection->key);
	bind_text(&q, ":order_id", rejection->order_id);
	bind_text(&q, ":account_id", rejection->account_id);
	bind_text(&q, ":source", rejection->source);
	bind_int(&q, ":line", (int64_t)rejection->line);
	bind_text(&q, ":codes", rejection->codes);
	bind_int(&q, ":most", LEDGER_REJECTIONS_KEPT);
	return query_run(&q);
}

static void read_rejection(struct query *q, struct rejection_record *out)
{
	out->run_id = next_text(q);
	out->key = next_text(q);
	out->order_id = next_text(q);
	out->account_id = next_text(q);
	out->source = next_text(q);
	out->line = (unsigned long)next_int(q);
	out->codes = next_text(q);
}

int ledger_rejections(struct ledger *ledger, const char *run_id, const char *order_id,
    int (*each)(void *user, const struct rejection_record *), void *user, struct error *err)
{
	const char *sql = sql_rejections_all;
	struct query q;
	int rc;

	if (run_id)
		sql = sql_rejections_of_run;
	else if (order_id)
		sql = sql_rejections_of_order;
	if (query_begin(&q, ledger, sql, NULL, err) < 0)
		return -1;
	if (run_id)
		bind_text(&q, ":run_id", run_id);
	if (order_id)
		bind_text(&q, ":order_id", order_id);
	while ((rc = query_step(&q)) > 0) {
		struct rejection_record rejection;
		read_rejection(&q, &rejection);
		if ((rc = each(user, &rejection)) != 0)
			break;
	}
	return query_end(&q, rc);
}
