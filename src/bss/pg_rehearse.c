/* One order item through the functions that write back, in a transaction that is rolled back: what `check
 * --rehearse` proves. The same statements and items as a night sends (pg_items.c), the same answers looked
 * for; constraints that wait for the end of a transaction are asked before it is undone. What a trigger does
 * outside the database, or takes of a sequence, is not undone. */
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "bss/pg_calls.h"
#include "bss/pg_items.h"
#include "bss/pg_rehearse.h"
#include "tenantry/mem.h"

static const char what[] = "rehearsal";

struct rehearsal {
	struct pg *pg;
	struct bss_write write;
	const struct bss_check *check;
	char *pending;
	char *subscription_id, *external_id; /* as the BSS has them, where it has */
};

static int bad(struct rehearsal *r, struct error *err)
{
	r->check->bad(r->check->user, err);
	return -1;
}

static int wrong(struct rehearsal *r, const char *hint, const char *format, ...)
    __attribute__((format(printf, 3, 4)));
static int wrong(struct rehearsal *r, const char *hint, const char *format, ...)
{
	struct error err = {0};
	char text[900];
	va_list args;

	va_start(args, format);
	vsnprintf(text, sizeof text, format, args);
	va_end(args);
	error_set(&err, ERR_BSS, "rehearsal of order item %s: %s", r->write.order_item_id, text);
	error_hint(&err, "%s", hint);
	return bad(r, &err);
}

static const char docs[] = "docs/bss-database.md says what each function has to answer";

/* In place of the advice for a query of ours. */
static void say_whose(struct error *err)
{
	err->hint[0] = '\0';
	error_hint(err,
	    "a function or trigger of the BSS says so, and a night with this order would meet it too; what triggers need (a "
	    "path, rights) is in docs/bss-database.md");
}

/* The rows of one call. NULL: told. */
static PGresult *call(struct rehearsal *r, enum bss_write_kind kind)
{
	struct error err = {0};
	struct pg_failure failure;
	struct strbuf ids = {0};
	struct bss_write write = r->write;
	char *first;

	/* A night knows neither when it begins one. */
	if (kind == BSS_BEGIN)
		write.status = write.external_id = NULL;
	if (kind == BSS_LOOK) {
		pg_array_add(&ids, r->write.order_item_id);
		first = pg_array_take(&ids);
	} else {
		json_t *items = json_array();
		json_array_append_new(items, pg_item(&write));
		first = json_dumps(items, JSON_COMPACT);
		json_decref(items);
	}
	const char *const values[] = {first, r->pending};
	PGresult *result =
	    pg_query(r->pg, what, pg_write_query(kind), pg_write_parameters(kind), values, &failure, &err);
	free(first);
	if (!result) {
		if (failure.trouble == PG_TROUBLE_QUERY || failure.trouble == PG_TROUBLE_RIGHT)
			say_whose(&err);
		bad(r, &err);
	}
	return result;
}

static int row_of(const PGresult *result, const char *order_item_id)
{
	for (int row = 0; row < PQntuples(result); row++)
		if (strcmp(PQgetvalue(result, row, 0), order_item_id) == 0)
			return row;
	return -1;
}

static int judge_write(struct rehearsal *r, const char *name, const PGresult *result, bool again)
{
	int row = row_of(result, r->write.order_item_id);
	const char *word = row < 0 ? "" : PQgetvalue(result, row, 1);
	enum bss_outcome outcome;

	if (row < 0)
		return wrong(r, docs, "%s gave no row for it (%d rows)", name, PQntuples(result));
	if (!pg_outcome_parse(word, &outcome))
		return wrong(r, docs,
		    "%s answered \"%.40s\", which is none of done, already, changed, refused, busy", name,
		    word);
	pg_good(r->check, "rehearsal, %s%s: %s%s%.300s", name, again ? " again" : "", word,
	    PQgetvalue(result, row, 2)[0] ? ": " : "", PQgetvalue(result, row, 2));
	if (outcome == BSS_DONE)
		return 0;
	return wrong(r,
	    outcome == BSS_BUSY ? "somebody else has the order locked: rehearse again later"
				: "a night with this order would be answered the same",
	    "%s%s answered %s: %.300s", name, again ? ", called again," : "", word,
	    PQgetvalue(result, row, 2));
}

static int write_once(struct rehearsal *r, enum bss_write_kind kind, bool again)
{
	const char *name = kind == BSS_BEGIN ? "begin_subscriptions" : "activate_subscriptions";
	PGresult *result = call(r, kind);
	int rc = result ? judge_write(r, name, result, again) : -1;

	PQclear(result);
	return rc;
}

/* What order_item_states answers, in the order of its columns. */
enum { ORDER_STATUS = 1, ITEM_STATUS, SUBSCRIPTION_ID, EXTERNAL_ID, STATUS, SYNC_STATUS };

static bool is(const PGresult *result, int row, int column, const char *text)
{
	return strv_eq_nocase(strv_of(PQgetvalue(result, row, column)), strv_of(text));
}

static void say_state(struct rehearsal *r, const PGresult *result, int row)
{
	pg_good(r->check,
	    "rehearsal, order_item_states: order \"%s\", item \"%s\", subscription \"%s\" \"%s\" \"%s\", external id \"%s\"",
	    PQgetvalue(result, row, ORDER_STATUS), PQgetvalue(result, row, ITEM_STATUS),
	    PQgetvalue(result, row, SUBSCRIPTION_ID), PQgetvalue(result, row, STATUS),
	    PQgetvalue(result, row, SYNC_STATUS), PQgetvalue(result, row, EXTERNAL_ID));
}

enum stage { BEFORE, BEGUN, ACTIVE };

static int judge_look(struct rehearsal *r, enum stage stage, const PGresult *result)
{
	int row = row_of(result, r->write.order_item_id);

	if (row < 0)
		return wrong(r, docs, "order_item_states gave no row for it, though it is pending");
	say_state(r, result, row);
	if (stage == BEFORE && PQgetvalue(result, row, SUBSCRIPTION_ID)[0])
		r->subscription_id = mem_strdup(PQgetvalue(result, row, SUBSCRIPTION_ID));
	if (stage == BEFORE && PQgetvalue(result, row, EXTERNAL_ID)[0])
		r->external_id = mem_strdup(PQgetvalue(result, row, EXTERNAL_ID));
	if (stage == BEFORE)
		return 0;
	if (!is(result, row, SUBSCRIPTION_ID, r->write.subscription_id))
		return wrong(r, docs, "after %s order_item_states does not name the subscription %s",
		    stage == BEGUN ? "begin_subscriptions" : "activate_subscriptions",
		    r->write.subscription_id);
	if (stage == ACTIVE &&
	    (!is(result, row, ITEM_STATUS, "Executed") || !is(result, row, SYNC_STATUS, "Synchronized") ||
		!is(result, row, EXTERNAL_ID, r->write.external_id)))
		return wrong(r, docs,
		    "after activate_subscriptions order_item_states must say item Executed, sync status Synchronized and the "
		    "external id %s: a night could not settle a lost answer",
		    r->write.external_id);
	return 0;
}

static int look(struct rehearsal *r, enum stage stage)
{
	PGresult *result = call(r, BSS_LOOK);
	int rc = result ? judge_look(r, stage, result) : -1;

	PQclear(result);
	return rc;
}

static int ask_constraints(struct rehearsal *r)
{
	struct error err = {0};
	struct pg_failure failure;

	if (pg_command(r->pg, what, "set constraints all immediate", &failure, &err) == 0)
		return 0;
	error_prefix(&err, "a constraint that is asked at the end of the transaction");
	return bad(r, &err);
}

static int play(struct rehearsal *r)
{
	bool is_new = strcmp(r->write.action, "new") == 0;

	if (look(r, BEFORE) < 0)
		return -1;
	/* What a night began already goes on under its own ids. */
	if (r->subscription_id)
		r->write.subscription_id = r->subscription_id;
	if (r->external_id)
		r->write.external_id = r->external_id;
	if (is_new && (write_once(r, BSS_BEGIN, false) < 0 || look(r, BEGUN) < 0))
		return -1;
	if (write_once(r, BSS_ACTIVATE, false) < 0 || look(r, ACTIVE) < 0 || ask_constraints(r) < 0 ||
	    write_once(r, BSS_ACTIVATE, true) < 0)
		return -1;
	return 0;
}

void pg_rehearse(
    struct pg *pg, const struct job *job, const struct bss_write *write, const struct bss_check *check)
{
	struct rehearsal r = {.pg = pg, .write = *write, .check = check, .pending = pg_pending_words(job)};
	struct error err = {0};
	struct pg_failure failure;

	if (pg_take_lock(pg, job->bss.name, &err) < 0 || pg_command(pg, what, "begin", &failure, &err) < 0) {
		bad(&r, &err);
	} else {
		int rc = play(&r);
		if (PQstatus(pg->conn) == CONNECTION_OK &&
		    pg_command(pg, what, "rollback", &failure, &err) < 0)
			bad(&r, &err);
		else if (rc == 0)
			pg_good(check,
			    "rehearsal of order item %s (%s, account %s): as a night needs it; rolled back",
			    write->order_item_id, write->action, write->account_id);
	}
	free(r.pending);
	free(r.subscription_id);
	free(r.external_id);
}
