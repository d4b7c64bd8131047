/* Rows of a COPY into a file that has no name: it is gone with the process, however that ends, and nobody
 * else can open it.
 *
 * Beware: libpq gives a row at a time, and a record of CSV may have line breaks in it. Each row counts as one
 * here, and later too: a row with a field that is too long for the reader loses its line breaks, so that it
 * is one line to skip. */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "bss/pg_source.h"
#include "tenantry/mem.h"

enum { BUFFER_SIZE = 256 * 1024, ROWS_BETWEEN_REPORTS = 4096 };

static const char *spool_folder(void)
{
	const char *folder = getenv("TMPDIR");

	if (folder && folder[0])
		return folder;
	return access("/var/tmp", W_OK) == 0 ? "/var/tmp" : "/tmp";
}

int pg_spool_open(struct pg_spool *spool, struct error *err)
{
	char *path = mem_printf("%s/tenantry-XXXXXX", spool_folder());

	*spool = (struct pg_spool){.fd = mkostemp(path, O_CLOEXEC)};
	if (spool->fd < 0) {
		error_set(err, ERR_OUTPUT, "no file for the rows of the BSS database can be made: %s",
		    strerror(errno));
		error_place(err, spool_folder(), 0, 0, NULL);
		error_hint(err, "set TMPDIR to a folder on disk with room for them");
	} else {
		unlink(path);
		spool->buffer = mem_zalloc(BUFFER_SIZE);
	}
	free(path);
	return spool->fd < 0 ? -1 : 0;
}

void pg_spool_close(struct pg_spool *spool)
{
	if (spool->fd >= 0)
		close(spool->fd);
	free(spool->buffer);
	*spool = (struct pg_spool){.fd = -1};
}

static int write_out(struct pg_spool *spool, const char *p, size_t n, struct error *err)
{
	while (n > 0) {
		ssize_t k = write(spool->fd, p, n);
		if (k < 0 && errno == EINTR)
			continue;
		if (k < 0) {
			error_set(err, ERR_OUTPUT, "the rows of the BSS database cannot be kept: %s",
			    strerror(errno));
			error_place(err, spool_folder(), 0, 0, NULL);
			return error_hint(err, "make room there, or set TMPDIR to a folder with more");
		}
		p += k;
		n -= (size_t)k;
		spool->bytes += (uint64_t)k;
	}
	return 0;
}

static int flush(struct pg_spool *spool, struct error *err)
{
	size_t n = spool->used;

	spool->used = 0;
	return write_out(spool, spool->buffer, n, err);
}

/* Has the row a field that the reader will refuse for its length? */
static bool is_oversized(const char *p, size_t n)
{
	size_t field = 0;
	bool quoted = false;

	if (n > CSV_RECORD_MAX)
		return true;
	for (size_t i = 0; i < n; i++) {
		if (p[i] == '"')
			quoted = !quoted;
		field = p[i] == ',' && !quoted ? 0 : field + 1;
		if (field > CSV_FIELD_MAX)
			return true;
	}
	return false;
}

static void make_one_line(char *p, size_t n)
{
	for (size_t i = 0; i + 1 < n; i++)
		if (p[i] == '\n' || p[i] == '\r')
			p[i] = ' ';
}

static int keep_row(struct pg_spool *spool, char *p, size_t n, struct error *err)
{
	if (n > CSV_FIELD_MAX && is_oversized(p, n))
		make_one_line(p, n);
	if (spool->used + n > BUFFER_SIZE && flush(spool, err) < 0)
		return -1;
	if (n > BUFFER_SIZE)
		return write_out(spool, p, n, err);
	memcpy(spool->buffer + spool->used, p, n);
	spool->used += n;
	return 0;
}

static int copy_failed(struct pg *pg, const char *what, const struct pg_spool *spool, const PGresult *result,
    struct pg_failure *failure, struct error *err)
{
	pg_result_error(pg, what, result, failure, err);
	return error_prefix(
	    err, "after %llu rows", (unsigned long long)(spool->rows > 0 ? spool->rows - 1 : 0));
}

/* The end of the COPY: the server's last word on it, and that there is no further one. */
static int finish(struct pg *pg, const char *what, const struct pg_spool *spool, struct pg_failure *failure,
    struct error *err)
{
	PGresult *result = pg_next_result(pg, what, failure, err), *rest;
	int rc = 0;

	if (!result)
		return err->code == ERR_NONE ? pg_lost(pg, what, failure, err) : -1;
	if (PQresultStatus(result) != PGRES_COMMAND_OK)
		rc = copy_failed(pg, what, spool, result, failure, err);
	PQclear(result);
	while (rc == 0 && (rest = pg_next_result(pg, what, failure, err)) != NULL)
		PQclear(rest);
	return rc == 0 && err->code != ERR_NONE ? -1 : rc;
}

static int take_rows(struct pg *pg, const char *what, struct pg_spool *spool,
    const struct bss_snapshot_settings *settings, struct pg_failure *failure, struct error *err)
{
	for (;;) {
		char *row;
		int n = PQgetCopyData(pg->conn, &row, 1);
		if (n == 0) {
			if (pg_wait(
				pg, what, clock_mono_ms(clock_machine()) + pg->patience_ms, failure, err) < 0)
				return -1;
			continue;
		}
		if (n < 0)
			return finish(pg, what, spool, failure, err);
		int rc = keep_row(spool, row, (size_t)n, err);
		PQfreemem(row);
		if (rc < 0) {
			failure->trouble = PG_TROUBLE_QUERY;
			return -1;
		}
		if (spool->rows == 0)
			spool->header_bytes = (uint64_t)n;
		if (spool->rows++ % ROWS_BETWEEN_REPORTS == 0) {
			if (settings->progress)
				settings->progress(settings->user, what, spool->rows);
			/* Rows that come without a pause never get to the wait that listens. */
			if (pg->stop && *pg->stop && pg_wait(pg, what, 0, failure, err) < 0)
				return -1;
		}
	}
}

int pg_spool_copy(struct pg *pg, const char *what, const char *copy, struct pg_spool *spool,
    const struct bss_snapshot_settings *settings, struct pg_failure *failure, struct error *err)
{
	if (!PQsendQuery(pg->conn, copy))
		return pg_lost(pg, what, failure, err);
	PGresult *result = pg_next_result(pg, what, failure, err);
	if (!result)
		return err->code == ERR_NONE ? pg_lost(pg, what, failure, err) : -1;
	if (PQresultStatus(result) != PGRES_COPY_OUT) {
		int rc = pg_result_error(pg, what, result, failure, err);
		PQclear(result);
		return rc;
	}
	PQclear(result);
	if (take_rows(pg, what, spool, settings, failure, err) < 0 || flush(spool, err) < 0)
		return -1;
	if (spool->rows > 0)
		spool->rows--; /* the header */
	return 0;
}
