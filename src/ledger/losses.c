/* What was taken away from resellers, and how much of it in the last day. Which actions take away, and how
 * much may be, is not known here. */
#include "ledger_impl.h"

#include "sql.h"
#include "tenantry/crash_point.h"

static int64_t window_begin(const struct ledger *ledger)
{
	return clock_wall_ms(ledger->clock) - LEDGER_LOSS_WINDOW_MS;
}

static void bind_loss(struct query *q, const struct loss_record *loss)
{
	bind_text(q, ":account_id", loss->account_id);
	bind_text(q, ":key", loss->key);
	bind_text(q, ":run_id", loss->run_id);
	bind_text(q, ":kind", loss->kind);
	bind_text(q, ":from_tier", loss->from_tier);
	bind_text(q, ":to_tier", loss->to_tier);
	bind_int(q, ":counted", loss->counted);
	bind_int(q, ":later", loss->later);
}

int ledger_loss_put(struct ledger *ledger, const struct loss_record *loss, struct error *err)
{
	struct query q;

	CRASH_POINT("loss", loss->kind);
	if (change_begin(&q, ledger, sql_loss_put, err) < 0)
		return -1;
	bind_loss(&q, loss);
	bind_int(&q, ":now", clock_wall_ms(ledger->clock));
	return query_run(&q);
}

int ledger_loss_touch(struct ledger *ledger, const struct loss_record *loss, struct error *err)
{
	struct query q;

	if (change_begin(&q, ledger, sql_loss_touch, err) < 0)
		return -1;
	bind_text(&q, ":key", loss->key);
	bind_text(&q, ":kind", loss->kind);
	bind_text(&q, ":to_tier", loss->to_tier);
	bind_int(&q, ":now", clock_wall_ms(ledger->clock));
	bind_int(&q, ":since", window_begin(ledger));
	return query_run(&q);
}

int ledger_loss_restore(struct ledger *ledger, const struct loss_record *loss, struct error *err)
{
	struct query q;

	if (change_begin(&q, ledger, sql_loss_restore, err) < 0)
		return -1;
	bind_loss(&q, loss);
	bind_int(&q, ":at", loss->at);
	return query_run(&q);
}

int ledger_loss_release(struct ledger *ledger, const char *key, const char *run_id, struct error *err)
{
	struct query q;

	if (change_begin(&q, ledger, sql_loss_release, err) < 0)
		return -1;
	bind_text(&q, ":key", key);
	bind_text(&q, ":run_id", run_id);
	return query_run(&q);
}

static int set_time(struct ledger *ledger, const char *sql, struct error *err)
{
	struct query q;

	if (change_begin(&q, ledger, sql, err) < 0)
		return -1;
	bind_int(&q, ":now", clock_wall_ms(ledger->clock));
	return query_run(&q);
}

int ledger_losses_settle(struct ledger *ledger, struct error *err)
{
	if (set_time(ledger, sql_losses_settle, err) < 0)
		return -1;
	return set_time(ledger, sql_loss_clock_seen, err);
}

int ledger_losses_redate(struct ledger *ledger, struct error *err)
{
	if (set_time(ledger, sql_losses_redate, err) < 0)
		return -1;
	return set_time(ledger, sql_loss_clock_set, err);
}

int ledger_losses_count(struct ledger *ledger, struct losses_counted *out, struct error *err)
{
	struct query q;

	*out = (struct losses_counted){0};
	if (query_begin(&q, ledger, sql_losses_count, NULL, err) < 0)
		return -1;
	bind_int(&q, ":since", window_begin(ledger));
	bind_int(&q, ":now", clock_wall_ms(ledger->clock));
	int rc = query_step(&q);
	if (rc > 0) {
		out->counted = (uint64_t)next_int(&q);
		out->ahead = (uint64_t)next_int(&q);
	}
	return query_end(&q, rc);
}

static int read_losses(struct query *q, int (*each)(void *user, const struct loss_record *), void *user)
{
	int rc;

	while ((rc = query_step(q)) > 0) {
		struct loss_record loss = {.account_id = next_text(q)};
		loss.key = next_text(q);
		loss.run_id = next_text(q);
		loss.kind = next_text(q);
		loss.from_tier = next_text(q);
		loss.to_tier = next_text(q);
		loss.counted = next_int(q) != 0;
		loss.later = next_int(q) != 0;
		loss.at = next_int(q);
		loss.recent = next_int(q) != 0;
		if ((rc = each(user, &loss)) != 0)
			break;
	}
	return query_end(q, rc);
}

int ledger_losses_of_key(struct ledger *ledger, const char *key,
    int (*each)(void *user, const struct loss_record *), void *user, struct error *err)
{
	struct query q;

	if (query_begin(&q, ledger, sql_losses_of_key, NULL, err) < 0)
		return -1;
	bind_text(&q, ":key", key);
	bind_int(&q, ":since", window_begin(ledger));
	return read_losses(&q, each, user);
}

int ledger_losses_of_account(struct ledger *ledger, const char *account_id,
    int (*each)(void *user, const struct loss_record *), void *user, struct error *err)
{
	struct query q;

	if (query_begin(&q, ledger, sql_losses_of_account, NULL, err) < 0)
		return -1;
	bind_text(&q, ":account_id", account_id);
	bind_int(&q, ":since", window_begin(ledger));
	return read_losses(&q, each, user);
}
