/* One file of SQL in a DuckDB in memory, for want of its shell: the library comes alone, in an npm package.
 * The last statement's rows go to stdout.
 *
 *   duckrun LIBRARY FILE.sql DATA OUT		@DATA@ and @OUT@ in the SQL become these folders
 *
 * The library is loaded, not linked: the benchmarks are built before anybody knows whether it can be had. */
#include <dlfcn.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "tenantry/str.h"

/* As the C interface of DuckDB lays it out; all but the error and the accessors is its own. */
struct duckdb_result {
	uint64_t deprecated[3];
	void *deprecated_columns;
	char *deprecated_error;
	void *internal;
};

struct duckdb {
	int (*open)(const char *path, void **database);
	int (*connect)(void *database, void **connection);
	int (*query)(void *connection, const char *sql, struct duckdb_result *result);
	const char *(*error)(struct duckdb_result *result);
	uint64_t (*columns)(struct duckdb_result *result);
	uint64_t (*rows)(struct duckdb_result *result);
	char *(*text)(struct duckdb_result *result, uint64_t column, uint64_t row);
};

static int load(const char *path, struct duckdb *duckdb)
{
	const struct {
		const char *name;
		void **to;
	} symbols[] = {{"duckdb_open", (void **)&duckdb->open}, {"duckdb_connect", (void **)&duckdb->connect},
	    {"duckdb_query", (void **)&duckdb->query}, {"duckdb_result_error", (void **)&duckdb->error},
	    {"duckdb_column_count", (void **)&duckdb->columns}, {"duckdb_row_count", (void **)&duckdb->rows},
	    {"duckdb_value_varchar", (void **)&duckdb->text}};
	void *library = dlopen(path, RTLD_NOW);

	for (size_t i = 0; library && i < sizeof symbols / sizeof *symbols; i++)
		if (!(*symbols[i].to = dlsym(library, symbols[i].name)))
			library = NULL;
	if (library)
		return 0;
	fprintf(stderr, "duckrun: %s\n", dlerror());
	return -1;
}

static void add_sql(struct strbuf *sql, const char *text, const char *data, const char *out)
{
	const char *at;

	for (; (at = strchr(text, '@')); text = at) {
		strbuf_add(sql, text, (size_t)(at - text));
		if (strncmp(at, "@DATA@", 6) == 0) {
			strbuf_adds(sql, data);
			at += 6;
		} else if (strncmp(at, "@OUT@", 5) == 0) {
			strbuf_adds(sql, out);
			at += 5;
		} else {
			strbuf_addc(sql, *at++);
		}
	}
	strbuf_adds(sql, text);
}

static int read_sql(const char *path, const char *data, const char *out, struct strbuf *sql)
{
	FILE *file = fopen(path, "r");
	struct strbuf text = {0};
	char block[4096];
	size_t n;

	if (!file) {
		perror(path);
		return -1;
	}
	while ((n = fread(block, 1, sizeof block, file)) > 0)
		strbuf_add(&text, block, n);
	fclose(file);
	add_sql(sql, text.p ? text.p : "", data, out);
	strbuf_free(&text);
	return 0;
}

int main(int argc, char **argv)
{
	struct duckdb duckdb;
	struct duckdb_result result;
	struct strbuf sql = {0};
	void *database, *connection;

	if (argc != 5) {
		fprintf(stderr, "usage: duckrun LIBRARY FILE.sql DATA OUT\n");
		return 2;
	}
	if (load(argv[1], &duckdb) < 0 || read_sql(argv[2], argv[3], argv[4], &sql) < 0)
		return 2;
	if (duckdb.open(NULL, &database) || duckdb.connect(database, &connection)) {
		fprintf(stderr, "duckrun: DuckDB does not open\n");
		return 1;
	}
	if (duckdb.query(connection, sql.p, &result)) {
		fprintf(stderr, "duckrun: %s\n", duckdb.error(&result));
		return 1;
	}
	for (uint64_t row = 0; row < duckdb.rows(&result); row++)
		for (uint64_t column = 0; column < duckdb.columns(&result); column++)
			printf("%s%c", duckdb.text(&result, column, row),
			    column + 1 < duckdb.columns(&result) ? ',' : '\n');
	fflush(stdout);
	_exit(0); /* its tables need no tidying: the time is not its to lose */
}
