/* A snapshot: all that a run reads of the BSS database, in one transaction, into files; see bss_database.h.
 * Columns are held against what the rows are for before anything is run. Leaves what the rows mean to whoever
 * reads the files. */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "bss/pg_source.h"
#include "tenantry/log.h"
#include "tenantry/mem.h"

enum { FIRST_PAUSE_MS = 500 };

struct bss_snapshot {
	struct pg_spool spools[BSS_ROLE_COUNT];
	struct bss_rows rows[BSS_ROLE_COUNT]; /* shown NULL: not read */
	int64_t as_of;
	char *where, *about;
};

const char *bss_role_name(enum bss_role role)
{
	static const char *const names[] = {
#define X(id, name, member) [id] = name,
	    BSS_ROLES(X)
#undef X
	};

	return names[role];
}

const struct source_spec *bss_role_spec(const struct job *job, enum bss_role role)
{
	const struct source_spec *const specs[] = {
#define X(id, name, member) [id] = &job->bss.member,
	    BSS_ROLES(X)
#undef X
	};

	return specs[role];
}

static bool is_read(const struct job *job, unsigned roles, enum bss_role role)
{
	return (roles & 1u << role) && bss_role_spec(job, role)->kind == SOURCE_DATABASE;
}

bool bss_reads_database(const struct job *job, unsigned roles)
{
	for (int role = 0; role < BSS_ROLE_COUNT; role++)
		if (is_read(job, roles, (enum bss_role)role))
			return true;
	return false;
}

struct csv_settings bss_csv_settings(const struct job *job)
{
	struct csv_settings settings = csv_settings_of(job);

	settings.delimiter = ',';
	settings.encoding = ENCODING_UTF8;
	settings.rows = true;
	return settings;
}

/* The transaction's first statement fixes the moment: all later ones see the database as it is now. */
static int begin(struct pg *pg, struct bss_snapshot *snapshot, struct pg_failure *failure, struct error *err)
{
	static const char what[] = "snapshot";

	if (pg_begin_reading(pg, what, failure, err) < 0)
		return -1;
	PGresult *result = pg_query(pg, what,
	    "select (extract(epoch from pg_catalog.transaction_timestamp()) operator(pg_catalog.*) 1000)::pg_catalog.int8",
	    0, NULL, failure, err);
	if (!result)
		return -1;
	snapshot->as_of = strtoll(PQgetvalue(result, 0, 0), NULL, 10);
	PQclear(result);
	return 0;
}

static int read_role(struct pg *pg, const struct bss_snapshot_settings *settings, enum bss_role role,
    struct bss_snapshot *snapshot, struct pg_failure *failure, struct error *err)
{
	struct pg_spool *spool = &snapshot->spools[role];
	struct pg_statement statement;
	struct pg_columns columns = {0};
	struct strbuf copy = {0};
	int rc = -1;

	failure->trouble = PG_TROUBLE_QUERY;
	if (pg_statement_read(settings->job, role, &statement, err) < 0)
		return -1;
	if (pg_statement_describe(pg, &statement, &columns, failure, err) < 0)
		goto out;
	failure->trouble = PG_TROUBLE_QUERY;
	if (pg_columns_check(role, &columns, settings->job, statement.shown, NULL, err) < 0) {
		error_prefix(err, "BSS database %s", pg->where);
		goto out;
	}
	pg_columns_copy(&columns, statement.text, &copy);
	if (pg_spool_open(spool, err) < 0 ||
	    pg_spool_copy(pg, statement.shown, copy.p, spool, settings, failure, err) < 0)
		goto out;
	snapshot->rows[role] = (struct bss_rows){.shown = mem_strdup(statement.shown),
	    .path = mem_printf("/proc/self/fd/%d", spool->fd),
	    .rows = spool->rows,
	    .bytes = spool->bytes,
	    .header_bytes = spool->header_bytes};
	log_debug("%s: %" PRIu64 " rows, %" PRIu64 " bytes", statement.shown, spool->rows, spool->bytes);
	rc = 0;
out:
	strbuf_free(&copy);
	pg_columns_free(&columns);
	pg_statement_free(&statement);
	return rc;
}

static struct bss_snapshot *snapshot_new(void)
{
	struct bss_snapshot *snapshot = mem_zalloc(sizeof *snapshot);

	for (int role = 0; role < BSS_ROLE_COUNT; role++)
		snapshot->spools[role].fd = -1;
	return snapshot;
}

/* One go at all of it. */
static struct bss_snapshot *take(
    const struct bss_snapshot_settings *settings, struct pg_failure *failure, struct error *err)
{
	struct pg_settings connection = {.job = settings->job,
	    .application = settings->run_id,
	    .clock = settings->clock,
	    .stop = settings->stop};
	struct bss_snapshot *snapshot = snapshot_new();
	struct pg *pg = pg_open(&connection, err);
	int rc = pg ? 0 : -1;

	failure->trouble = PG_TROUBLE_QUERY; /* pg_open() has tried often enough */
	if (rc == 0) {
		snapshot->where = mem_strdup(pg_where(pg));
		snapshot->about = mem_strdup(pg_about(pg));
		rc = begin(pg, snapshot, failure, err);
	}
	for (int role = 0; rc == 0 && role < BSS_ROLE_COUNT; role++)
		if (is_read(settings->job, settings->roles, (enum bss_role)role))
			rc = read_role(pg, settings, (enum bss_role)role, snapshot, failure, err);
	if (rc == 0)
		rc = pg_command(pg, "snapshot", "rollback", failure, err);
	pg_close(pg);
	if (rc == 0)
		return snapshot;
	bss_snapshot_free(snapshot);
	return NULL;
}

/* What may go better at once: a lost connection, a server that was short of something. Nothing has been
 * handed on yet. */
static bool may_repeat(const struct pg_failure *failure)
{
	return failure->trouble == PG_TROUBLE_LOST ||
	       (failure->trouble == PG_TROUBLE_LATER && strcmp(failure->sqlstate, "57014") != 0 &&
		   strncmp(failure->sqlstate, "53", 2) != 0);
}

struct bss_snapshot *bss_snapshot_take(const struct bss_snapshot_settings *settings, struct error *err)
{
	int64_t pause = FIRST_PAUSE_MS;

	for (int64_t tries = 0;; tries++) {
		struct pg_failure failure = {0};
		struct error now = {0};
		struct bss_snapshot *snapshot = take(settings, &failure, &now);
		if (snapshot)
			return snapshot;
		if (tries >= settings->job->bss.retries || !may_repeat(&failure)) {
			*err = now;
			return NULL;
		}
		log_warn("%s: reading everything again in %" PRId64 " ms", now.text, pause);
		clock_sleep_ms(settings->clock, pause);
		pause *= 2;
	}
}

void bss_snapshot_free(struct bss_snapshot *snapshot)
{
	if (!snapshot)
		return;
	for (int role = 0; role < BSS_ROLE_COUNT; role++) {
		pg_spool_close(&snapshot->spools[role]);
		free((char *)snapshot->rows[role].shown);
		free((char *)snapshot->rows[role].path);
	}
	free(snapshot->where);
	free(snapshot->about);
	free(snapshot);
}

int64_t bss_snapshot_as_of(const struct bss_snapshot *snapshot)
{
	return snapshot->as_of;
}

const char *bss_snapshot_where(const struct bss_snapshot *snapshot)
{
	return snapshot->where;
}

const char *bss_snapshot_about(const struct bss_snapshot *snapshot)
{
	return snapshot->about;
}

const struct bss_rows *bss_snapshot_rows(const struct bss_snapshot *snapshot, enum bss_role role)
{
	return snapshot && snapshot->rows[role].shown ? &snapshot->rows[role] : NULL;
}
