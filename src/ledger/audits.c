/* What an audit is written from and held against: which changes no audit has shown yet, the events beside
 * them, the chain of hashes over all runs, and the key of its digests. What an audit looks like is not known
 * here. */
#include "ledger_impl.h"

#include <errno.h>
#include <string.h>
#include <sys/random.h>

#include "sql.h"

/* ---- The key. */

static int key_get(struct ledger *ledger, char key[LEDGER_AUDIT_KEY_SIZE], struct error *err)
{
	struct query q;
	int rc;

	if (query_begin(&q, ledger, sql_audit_key_get, NULL, err) < 0)
		return -1;
	bool found = (rc = query_step(&q)) > 0;
	if (found)
		snprintf(key, LEDGER_AUDIT_KEY_SIZE, "%s", next_text(&q));
	return query_end(&q, rc) < 0 ? -1 : found;
}

static int key_put(struct ledger *ledger, struct error *err)
{
	unsigned char bytes[(LEDGER_AUDIT_KEY_SIZE - 1) / 2];
	char text[LEDGER_AUDIT_KEY_SIZE];
	struct query q;

	if (getrandom(bytes, sizeof bytes, 0) != (ssize_t)sizeof bytes)
		return error_set(
		    err, ERR_LEDGER, "no random numbers for the audit's key: %s", strerror(errno));
	for (size_t i = 0; i < sizeof bytes; i++)
		snprintf(text + 2 * i, 3, "%02x", bytes[i]);
	if (change_begin(&q, ledger, sql_audit_key_put, err) < 0)
		return -1;
	bind_text(&q, ":key", text);
	return query_run(&q);
}

int ledger_audit_key(struct ledger *ledger, char key[LEDGER_AUDIT_KEY_SIZE], struct error *err)
{
	bool own;
	int rc = key_get(ledger, key, err);

	if (rc != 0 || !ledger->writable)
		return rc;
	if (durable_begin(ledger, &own, err) < 0 || durable_end(ledger, own, key_put(ledger, err), err) < 0)
		return -1;
	/* Read again: another process may have been first. */
	return key_get(ledger, key, err);
}

/* ---- Events. */

int ledger_event_put(struct ledger *ledger, const struct event_record *event, struct error *err)
{
	struct query q;

	if (change_begin(&q, ledger, sql_event_put, err) < 0)
		return -1;
	bind_text(&q, ":run_id", event->run_id);
	bind_int(&q, ":now", clock_wall_ms(ledger->clock));
	bind_text(&q, ":event", event->event);
	bind_text(&q, ":item_key", event->item_key);
	bind_text(&q, ":detail", event->detail);
	bind_text(&q, ":reason", event->reason);
	return query_run(&q);
}

static int each_event(struct ledger *ledger, const char *sql, const char *run_id,
    int (*each)(void *user, const struct event_record *), void *user, struct error *err)
{
	struct query q;
	int rc;

	if (query_begin(&q, ledger, sql, NULL, err) < 0)
		return -1;
	bind_text(&q, ":run_id", run_id);
	while ((rc = query_step(&q)) > 0) {
		struct event_record event = {.id = next_int(&q)};
		event.run_id = next_text(&q);
		event.at = next_int(&q);
		event.event = next_text(&q);
		event.item_key = next_text(&q);
		event.detail = next_text(&q);
		event.reason = next_text(&q);
		if ((rc = each(user, &event)) != 0)
			break;
	}
	return query_end(&q, rc);
}

int ledger_events_unaudited(struct ledger *ledger, const char *run_id,
    int (*each)(void *user, const struct event_record *), void *user, struct error *err)
{
	return each_event(ledger, sql_events_unaudited, run_id, each, user, err);
}

int ledger_events_audited(struct ledger *ledger, const char *run_id,
    int (*each)(void *user, const struct event_record *), void *user, struct error *err)
{
	return each_event(ledger, sql_events_audited, run_id, each, user, err);
}

/* ---- The chain. */

static int change_of_run(struct ledger *ledger, const char *sql, const char *run_id, struct error *err)
{
	struct query q;

	if (change_begin(&q, ledger, sql, err) < 0)
		return -1;
	bind_text(&q, ":run_id", run_id);
	return query_run(&q);
}

int ledger_audit_open(struct ledger *ledger, const char *run_id, struct error *err)
{
	return change_of_run(ledger, sql_audit_open, run_id, err);
}

int ledger_audit_start(struct ledger *ledger, char head[LEDGER_HASH_SIZE], struct error *err)
{
	struct query q;
	int rc;

	if (transaction_begin(ledger, err) < 0 || query_begin(&q, ledger, sql_audit_head, NULL, err) < 0)
		return -1;
	head[0] = '\0';
	if ((rc = query_step(&q)) > 0)
		snprintf(head, LEDGER_HASH_SIZE, "%s", next_text(&q));
	return query_end(&q, rc);
}

int ledger_audit_close(struct ledger *ledger, const struct audit_record *audit, struct error *err)
{
	struct query q;

	if (change_of_run(ledger, sql_steps_mark_audited, audit->run_id, err) < 0 ||
	    change_of_run(ledger, sql_events_mark_audited, audit->run_id, err) < 0 ||
	    change_begin(&q, ledger, sql_audit_close, err) < 0)
		return -1;
	bind_text(&q, ":run_id", audit->run_id);
	bind_text(&q, ":prev", audit->prev);
	bind_text(&q, ":head", audit->head);
	bind_int(&q, ":lines", audit->lines);
	bind_text(&q, ":closed_by", audit->closed_by);
	if (query_run(&q) < 0)
		return -1;
	if (sqlite3_changes(ledger->db) == 0)
		return error_set(err, ERR_LEDGER, "run %s has no audit that could be closed", audit->run_id);
	return 0;
}

int ledger_audit_find(struct ledger *ledger, const char *run_id, struct arena *arena,
    struct audit_record *out, struct error *err)
{
	struct query q;
	int rc;

	if (query_begin(&q, ledger, sql_audit_of_run, arena, err) < 0)
		return -1;
	bind_text(&q, ":run_id", run_id);
	bool found = (rc = query_step(&q)) > 0;
	if (found) {
		out->run_id = next_text(&q);
		out->number = next_int(&q);
		out->prev = next_text(&q);
		out->head = next_text(&q);
		out->lines = next_int(&q);
		out->closed_by = next_text(&q);
		out->head_before = next_text(&q);
		out->run_before = next_text(&q);
		out->prev_after = next_text(&q);
		out->run_after = next_text(&q);
	}
	return query_end(&q, rc) < 0 ? -1 : found;
}

int ledger_runs_unclosed(struct ledger *ledger, const char *job, struct arena *arena, struct run_record **out,
    size_t *count, struct error *err)
{
	return runs_read(ledger, sql_runs_unclosed, job, arena, out, count, err);
}

/* ---- A pause that everybody must keep. */

enum { PAUSE_MAX_MS = 15 * 60 * 1000 };

int ledger_pause_put(struct ledger *ledger, int64_t until_ms, struct error *err)
{
	struct query q;
	bool own;
	int rc = -1;

	if (durable_begin(ledger, &own, err) < 0)
		return -1;
	if (change_begin(&q, ledger, sql_pause_put, err) == 0) {
		bind_int(&q, ":now", clock_wall_ms(ledger->clock));
		bind_int(&q, ":until", until_ms);
		rc = query_run(&q);
	}
	return durable_end(ledger, own, rc, err);
}

int ledger_pause_get(struct ledger *ledger, int64_t *left_ms, struct error *err)
{
	int64_t now = clock_wall_ms(ledger->clock), noted_at = 0, until = 0;
	struct query q;
	int rc;

	if (query_begin(&q, ledger, sql_pause_get, NULL, err) < 0)
		return -1;
	if ((rc = query_step(&q)) > 0) {
		noted_at = next_int(&q);
		until = next_int(&q);
	}
	int64_t length = until - noted_at, left = until - now;
	if (left > length) /* the clock was set back since */
		left = now < noted_at - length ? 0 : length;
	if (left > PAUSE_MAX_MS)
		left = PAUSE_MAX_MS;
	*left_ms = left > 0 ? left : 0;
	return query_end(&q, rc);
}
