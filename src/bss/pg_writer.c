/* Write-back to PostgreSQL through the functions of the schema `tenantry` (samples/bss/tenantry.sql).
 *
 * One call at a time is under way: a list of items of one kind as JSON, answered by a row an item. The list
 * is one statement, so one transaction; each item is a savepoint in it, so that one that is refused or locked
 * leaves the others alone. While an answer is awaited the next list gathers. A connection that breaks leaves
 * its list unknown (nothing is sent again here) and is made again, with back-off, when there is something to
 * send or to look up; when that fails too often, what waits is answered as unavailable.
 *
 * The session holds an advisory lock named after the BSS: two machines with ledgers of their own cannot both
 * write to it. */
#include "tenantry/bss_writer.h"

#include <inttypes.h>
#include <jansson.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>

#include "bss/pg_impl.h"
#include "bss/pg_items.h"
#include "bss/pg_security.h"
#include "bss_sql.h"
#include "tenantry/crash_point.h"
#include "tenantry/log.h"
#include "tenantry/mem.h"

enum { LIST_MAX = 500, FIRST_PAUSE_MS = 200, LONGEST_PAUSE_MS = 10000 };

struct waiting {
	enum bss_write_kind kind;
	char *order_item_id;
	json_t *item;
	void (*done)(void *user, const struct bss_answer *answer);
	void *user;
	bool answered;
};

struct pg_writer {
	struct bss_writer base;
	struct bss_writer_settings settings;
	struct pg *pg; /* NULL: the connection was lost */
	char *pending; /* the job's pending statuses as a PostgreSQL array */
	struct waiting *queue;
	size_t queued, queue_cap;
	struct waiting *list; /* under way */
	size_t listed, list_cap;
	bool stopped;
	int64_t give_up_at; /* monotonic: no answer is expected later */
	int64_t retry_at;   /* monotonic: not before, when there is no connection */
	int64_t pause, tries;
};

const char *bss_write_name(enum bss_write_kind kind)
{
	static const char *const names[] = {
#define X(id, name) [id] = name,
	    BSS_WRITES(X)
#undef X
	};

	return names[kind];
}

const char *bss_outcome_name(enum bss_outcome outcome)
{
	static const char *const names[] = {
#define X(id, name) [id] = name,
	    BSS_OUTCOMES(X)
#undef X
	};

	return names[outcome];
}

bool bss_writes_back(const struct job *job)
{
	return job->bss.write_back && job->bss.orders.kind == SOURCE_DATABASE;
}

/* ---- Connecting. */

int pg_write_rights(struct pg *pg, struct error *err)
{
	struct pg_failure failure;
	struct strbuf missing = {0};
	PGresult *result = pg_query(pg, "write-back", sql_write_rights, 0, NULL, &failure, err);

	if (!result)
		return -1;
	for (int row = 0; row < PQntuples(result); row++)
		strbuf_addf(&missing, "%s%s", row > 0 ? ", " : "", PQgetvalue(result, row, 0));
	PQclear(result);
	int rc = 0;
	if (missing.n > 0) {
		rc = error_set(err, ERR_BSS, "BSS database %s, write-back: %s", pg->where, missing.p);
		error_hint(err,
		    "the functions and their rights are in samples/bss/tenantry.sql; bss.write_back: false writes files instead");
	}
	strbuf_free(&missing);
	return rc;
}

/* Who else has it, as far as this role may see. */
static int locked_by_other(struct pg *pg, const char *name, struct error *err)
{
	const char *const values[] = {name};
	struct pg_failure failure;
	struct error ignored = {0};
	PGresult *result = pg_query(pg, "write-back", sql_write_lock_owner, 1, values, &failure, &ignored);
	bool known = result && PQntuples(result) > 0;

	error_set(err, ERR_LOCKED, "another night writes to the BSS \"%s\" at %s: %s%s%s", name, pg->where,
	    known ? PQgetvalue(result, 0, 0) : "its session is not visible",
	    known && PQgetvalue(result, 0, 1)[0] ? " from " : "", known ? PQgetvalue(result, 0, 1) : "");
	error_hint(
	    err, "wait for it; if its machine died, the server ends the session by itself within minutes");
	PQclear(result);
	return -1;
}

int pg_take_lock(struct pg *pg, const char *name, struct error *err)
{
	const char *const values[] = {name};
	struct pg_failure failure;
	PGresult *result = pg_query(pg, "write-back", sql_write_lock, 1, values, &failure, err);

	if (!result)
		return -1;
	bool taken = strcmp(PQgetvalue(result, 0, 0), "t") == 0;
	PQclear(result);
	return taken ? 0 : locked_by_other(pg, name, err);
}

/* A dead client's session must not keep the lock for hours. Only over TCP does it mean anything; where it is
 * not allowed, no harm. */
static void watch_client(struct pg *pg)
{
	struct error ignored = {0};
	struct pg_failure failure;

	if (pg_command(pg, "write-back",
		"set tcp_keepalives_idle = 30; set tcp_keepalives_interval = 10; set tcp_keepalives_count = 3",
		&failure, &ignored) < 0)
		log_debug("%s", ignored.text);
}

/* In place of errors after a while, the error at once: the loop has other things to do. */
static struct pg *connect_once(const struct bss_writer_settings *settings, bool patient, struct error *err)
{
	struct job once = *settings->job;
	struct pg_settings connection = {.job = patient ? settings->job : &once,
	    .application = settings->run_id,
	    .read_write = true,
	    .clock = settings->clock,
	    .stop = patient ? settings->stop : NULL};

	once.bss.retries = 0;
	struct pg *pg = pg_open(&connection, err);
	if (!pg)
		return NULL;
	enum pg_session session;
	pg->stop = NULL;
	watch_client(pg);
	if (pg_write_rights(pg, err) == 0 && pg_session_prove(pg, &connection, &session, err) == 0 &&
	    pg_take_lock(pg, settings->job->bss.name, err) == 0)
		return pg;
	pg_close(pg);
	return NULL;
}

/* ---- The queue. */

static struct pg_writer *self(struct bss_writer *base)
{
	return CONTAINER_OF(base, struct pg_writer, base);
}

static void answer(struct waiting *w, const struct bss_answer *answer)
{
	w->answered = true;
	w->done(w->user, answer);
}

static void answer_all(struct waiting *items, size_t count, enum bss_outcome outcome, const char *text)
{
	struct bss_answer all = {.outcome = outcome,
	    .state = {.order_status = "",
		.item_status = "",
		.subscription_id = "",
		.external_id = "",
		.status = "",
		.sync_status = ""}};

	snprintf(all.text, sizeof all.text, "%.*s", (int)sizeof all.text - 1, text);
	for (size_t i = 0; i < count; i++)
		if (!items[i].answered)
			answer(&items[i], &all);
}

static void free_items(struct waiting *items, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		free(items[i].order_item_id);
		json_decref(items[i].item);
	}
}

static void writer_send(struct bss_writer *base, const struct bss_write *write)
{
	struct pg_writer *w = self(base);

	MEM_GROW(w->queue, w->queued, w->queue_cap);
	w->queue[w->queued++] = (struct waiting){.kind = write->kind,
	    .order_item_id = mem_strdup(write->order_item_id),
	    .item = pg_item(write),
	    .done = write->done,
	    .user = write->user};
}

static size_t writer_pending(const struct bss_writer *base)
{
	const struct pg_writer *w = CONTAINER_OF((struct bss_writer *)base, struct pg_writer, base);

	return w->queued + w->listed;
}

/* Callbacks may send more, so what they are about is taken out first. */
static void answer_queue(struct pg_writer *w, enum bss_outcome outcome, const char *text)
{
	struct waiting *items = w->queue;
	size_t count = w->queued;

	w->queue = NULL;
	w->queued = w->queue_cap = 0;
	answer_all(items, count, outcome, text);
	free_items(items, count);
	free(items);
}

static void answer_list(struct pg_writer *w, enum bss_outcome outcome, const char *text)
{
	struct waiting *items = w->list;
	size_t count = w->listed;

	w->list = NULL;
	w->listed = w->list_cap = 0;
	answer_all(items, count, outcome, text);
	free_items(items, count);
	free(items);
}

static void writer_stop(struct bss_writer *base)
{
	struct pg_writer *w = self(base);

	w->stopped = true;
	answer_queue(w, BSS_STOPPED, "stopped before it was sent");
}

/* ---- Sending. */

/* Answers name an item by its id. Where ids are unique within their order only, one of a name goes at a time.
 */
static bool answer_would_be_anybodys(const struct pg_writer *w, size_t queued)
{
	bool lines = w->settings.job->bss.order_key == ORDER_KEY_ORDER_ITEM;

	for (size_t i = 0; lines && i < w->listed; i++)
		if (strcmp(w->list[i].order_item_id, w->queue[queued].order_item_id) == 0)
			return true;
	return false;
}

/* The first of the queue and all after it that are of its kind; an item's own writes keep their order, for it
 * has one at a time. */
static void take_list(struct pg_writer *w)
{
	enum bss_write_kind kind = w->queue[0].kind;
	size_t kept = 0;

	for (size_t i = 0; i < w->queued; i++) {
		if (w->queue[i].kind != kind || w->listed == LIST_MAX || answer_would_be_anybodys(w, i)) {
			w->queue[kept++] = w->queue[i];
			continue;
		}
		MEM_GROW(w->list, w->listed, w->list_cap);
		w->list[w->listed++] = w->queue[i];
	}
	w->queued = kept;
}

static char *items_json(const struct pg_writer *w)
{
	json_t *all = json_array();

	for (size_t i = 0; i < w->listed; i++)
		json_array_append(all, w->list[i].item);
	char *text = json_dumps(all, JSON_COMPACT);
	json_decref(all);
	return text;
}

static char *ids_array(const struct pg_writer *w)
{
	struct strbuf out = {0};

	for (size_t i = 0; i < w->listed; i++)
		pg_array_add(&out, w->list[i].order_item_id);
	return pg_array_take(&out);
}

static void lost(struct pg_writer *w, const char *text)
{
	log_warn("%s", text);
	pg_close(w->pg);
	w->pg = NULL;
	w->retry_at = 0;
	answer_list(w, BSS_UNKNOWN, text);
}

static void send_list(struct pg_writer *w)
{
	enum bss_write_kind kind = w->list[0].kind;
	char *first = kind == BSS_LOOK ? ids_array(w) : items_json(w);
	const char *const values[] = {first, w->pending};

	CRASH_POINT("bss-send", bss_write_name(kind));
	int sent = PQsendQueryParams(
	    w->pg->conn, pg_write_query(kind), pg_write_parameters(kind), NULL, values, NULL, NULL, 0);
	CRASH_POINT("bss-sent", bss_write_name(kind));
	free(first);
	w->give_up_at = clock_mono_ms(clock_machine()) + w->pg->patience_ms;
	if (!sent) {
		struct error err = {0};
		pg_lost(w->pg, "write-back", NULL, &err);
		lost(w, err.text);
	}
}

/* ---- Answers. */

static struct waiting *find_listed(struct waiting *items, size_t count, const char *order_item_id)
{
	for (size_t i = 0; i < count; i++)
		if (!items[i].answered && strcmp(items[i].order_item_id, order_item_id) == 0)
			return &items[i];
	return NULL;
}

static void answer_write(struct waiting *w, const PGresult *result, int row)
{
	struct bss_answer one = {.outcome = BSS_REFUSED};

	if (pg_outcome_parse(PQgetvalue(result, row, 1), &one.outcome))
		snprintf(one.text, sizeof one.text, "%s", PQgetvalue(result, row, 2));
	else
		snprintf(one.text, sizeof one.text,
		    "the BSS's function answered \"%.40s\", which is none of its words: %s",
		    PQgetvalue(result, row, 1), PQgetvalue(result, row, 2));
	answer(w, &one);
}

static void answer_look(struct waiting *w, const PGresult *result, int row)
{
	struct bss_answer one = {.outcome = BSS_DONE,
	    .state = {.there = true,
		.order_status = PQgetvalue(result, row, 1),
		.item_status = PQgetvalue(result, row, 2),
		.subscription_id = PQgetvalue(result, row, 3),
		.external_id = PQgetvalue(result, row, 4),
		.status = PQgetvalue(result, row, 5),
		.sync_status = PQgetvalue(result, row, 6)}};

	answer(w, &one);
}

/* A row an item. One without a row is not there (a look), or was not answered, which a site's own function
 * might do. */
static void take_rows(struct pg_writer *w, const PGresult *result)
{
	struct waiting *items = w->list;
	size_t count = w->listed;
	bool look = items[0].kind == BSS_LOOK, right = PQnfields(result) == (look ? 7 : 3);

	w->list = NULL;
	w->listed = w->list_cap = 0;
	for (int row = 0; right && row < PQntuples(result); row++) {
		struct waiting *one = find_listed(items, count, PQgetvalue(result, row, 0));
		if (one && look)
			answer_look(one, result, row);
		else if (one)
			answer_write(one, result, row);
	}
	if (look)
		answer_all(items, count, BSS_DONE, "");
	else
		answer_all(
		    items, count, BSS_REFUSED, "the BSS's function gave no answer for this order item");
	free_items(items, count);
	free(items);
}

/* The statement failed, so nothing of it was written: a lock or a time-out is the moment's, all else is so
 * for every item. */
static void take_failure(struct pg_writer *w, const PGresult *result)
{
	struct pg_failure failure = {0};
	struct error err = {0};

	pg_result_error(w->pg, "write-back", result, &failure, &err);
	if (failure.trouble == PG_TROUBLE_LOST) {
		lost(w, err.text);
		return;
	}
	bool moment = strncmp(failure.sqlstate, "40", 2) == 0 || strncmp(failure.sqlstate, "55", 2) == 0 ||
		      strcmp(failure.sqlstate, "57014") == 0;
	answer_list(w, moment ? BSS_BUSY : BSS_UNAVAILABLE, err.text);
}

/* 1: the list was answered; 0: not yet. */
static int take_result(struct pg_writer *w)
{
	PGresult *result, *kept = NULL;

	if (PQisBusy(w->pg->conn))
		return 0;
	while (!PQisBusy(w->pg->conn) && (result = PQgetResult(w->pg->conn)) != NULL) {
		PQclear(kept);
		kept = result;
	}
	CRASH_POINT("bss-answer", bss_write_name(w->list[0].kind));
	if (kept && PQresultStatus(kept) == PGRES_TUPLES_OK) {
		take_rows(w, kept);
	} else if (kept) {
		take_failure(w, kept);
	} else {
		struct error err = {0};
		pg_lost(w->pg, "write-back", NULL, &err);
		lost(w, err.text);
	}
	PQclear(kept);
	return 1;
}

/* Waits for the answer of the list. Gives what time is left. */
static void await(struct pg_writer *w, int64_t until)
{
	while (w->pg && w->listed > 0) {
		int64_t now = clock_mono_ms(clock_machine());
		struct pollfd fd = {.fd = PQsocket(w->pg->conn), .events = POLLIN};
		if (take_result(w))
			return;
		int ready = fd.fd < 0 ? -1 : poll(&fd, 1, until > now ? (int)(until - now) : 0);
		if (ready > 0 && !PQconsumeInput(w->pg->conn)) {
			struct error err = {0};
			pg_lost(w->pg, "write-back", NULL, &err);
			lost(w, err.text);
		} else if (ready <= 0 && now >= w->give_up_at) {
			lost(w, "the BSS database does not answer, though the connection is up");
		} else if (ready <= 0 && now >= until) {
			return;
		}
	}
}

/* No connection and something to say: tried again with back-off, in the pauses the caller goes on. */
static void reconnect(struct pg_writer *w)
{
	struct error err = {0};
	int64_t now = clock_mono_ms(clock_machine());

	if (now < w->retry_at)
		return;
	w->pg = connect_once(&w->settings, false, &err);
	if (w->pg) {
		w->tries = 0;
		w->pause = FIRST_PAUSE_MS;
		log_info("BSS database %s: connected again", pg_where(w->pg));
		return;
	}
	if (w->tries++ < w->settings.job->bss.retries) {
		log_warn("%s: trying again in %" PRId64 " ms", err.text, w->pause);
		w->retry_at = clock_mono_ms(clock_machine()) + w->pause;
		w->pause = w->pause * 2 < LONGEST_PAUSE_MS ? w->pause * 2 : LONGEST_PAUSE_MS;
		return;
	}
	w->tries = 0;
	answer_queue(w, BSS_UNAVAILABLE, err.text);
}

static int writer_turn(struct bss_writer *base, int64_t max_wait_ms, struct error *err)
{
	struct pg_writer *w = self(base);
	int64_t until = clock_mono_ms(clock_machine()) + max_wait_ms;

	(void)err;
	if (w->stopped && w->queued > 0)
		answer_queue(w, BSS_STOPPED, "stopped before it was sent");
	if (!w->pg && w->queued > 0)
		reconnect(w);
	if (!w->pg) {
		if (w->queued > 0 && max_wait_ms > 0) {
			int64_t wait = w->retry_at - clock_mono_ms(clock_machine());
			wait = wait < max_wait_ms ? wait : max_wait_ms;
			poll(NULL, 0, wait > 0 ? (int)wait : 0);
		}
		return 0;
	}
	if (w->listed == 0 && w->queued > 0) {
		take_list(w);
		send_list(w);
	}
	await(w, until);
	return 0;
}

static void writer_close(struct bss_writer *base)
{
	struct pg_writer *w = self(base);

	pg_close(w->pg);
	free_items(w->queue, w->queued);
	free_items(w->list, w->listed);
	free(w->queue);
	free(w->list);
	free(w->pending);
	free(w);
}

/* Looking is for the report: that it failed is a warning, too, and no reason not to write. */
static void warn_of_rights(struct pg *pg, const struct bss_writer_settings *settings)
{
	const struct pg_listener listener = {settings->warn, settings->user};
	struct error err = {0};

	if (pg_security_functions(pg, settings->job, &listener, NULL, &err) < 0)
		settings->warn(settings->user, err.text, err.hint);
}

struct bss_writer *pg_writer_open(const struct bss_writer_settings *settings, struct error *err)
{
	static const struct bss_writer_ops ops = {
	    writer_send, writer_turn, writer_pending, writer_stop, writer_close};
	struct pg *pg = connect_once(settings, true, err);

	if (!pg)
		return NULL;
	if (settings->warn)
		warn_of_rights(pg, settings);
	struct pg_writer *w = mem_zalloc(sizeof *w);
	w->base.ops = &ops;
	w->settings = *settings;
	w->pg = pg;
	w->pause = FIRST_PAUSE_MS;
	w->pending = pg_pending_words(settings->job);
	return &w->base;
}
