/* Columns of a query before it is run: names in any spelling, what is missing, types that cannot be what they
 * should be; and the COPY that is made of it, which quotes what it is given. Rows of a database are counted,
 * however many lines they take. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdlib.h>
#include <string.h>

#include "../fake/fake_job.h"
#include "bss/pg_source.h"
#include "tenantry/mem.h"

static struct pg_column rate_columns[] = {{(char *)"FROM", (char *)"character", 1042, 'S'},
    {(char *)"to", (char *)"text", 25, 'S'}, {(char *)"rate", (char *)"numeric", 1700, 'N'},
    {(char *)"valid-from", (char *)"date", 1082, 'D'}, {(char *)"Valid_To", (char *)"date", 1082, 'D'}};

static int check(const struct pg_column *columns, size_t count, struct strbuf *absent, struct error *err)
{
	struct job *job = fake_job_new();
	struct pg_columns all = {(struct pg_column *)columns, count};

	*err = (struct error){0};
	int rc = pg_columns_check(BSS_RATES, &all, job, "database:rates", absent, err);
	fake_job_free(job);
	return rc;
}

static void test_names_in_any_spelling(void **state)
{
	struct strbuf absent = {0};
	struct error err;

	(void)state;
	assert_int_equal(check(rate_columns, 5, &absent, &err), 0);
	assert_int_equal(absent.n, 0);
	assert_int_equal(check(rate_columns, 4, &absent, &err), 0);
	assert_string_equal(absent.p, "Valid To");
	strbuf_free(&absent);
}

static void test_a_missing_one_is_named_with_what_there_is(void **state)
{
	struct error err;

	(void)state;
	assert_int_equal(check(rate_columns, 3, NULL, &err), -1);
	assert_int_equal(err.code, ERR_SOURCE);
	assert_string_equal(err.text, "the header lacks Valid From; it has: FROM, to, rate");
	assert_string_equal(err.source, "database:rates");
}

static void wrong(size_t at, const char *type, unsigned oid, char category, const char *words)
{
	struct pg_column columns[ARRAY_LEN(rate_columns)];
	struct error err;

	memcpy(columns, rate_columns, sizeof columns);
	columns[at].type_name = (char *)type;
	columns[at].type = oid;
	columns[at].category = category;
	assert_int_equal(check(columns, ARRAY_LEN(columns), NULL, &err), words ? -1 : 0);
	if (!words)
		return;
	assert_non_null(strstr(err.text, words));
	assert_string_equal(err.field, columns[at].name);
	assert_non_null(strstr(err.hint, "cast it"));
}

static void test_types(void **state)
{
	(void)state;
	wrong(2, "double precision", 701, 'N', "binary fractions are not exact");
	wrong(2, "real", 700, 'N', "\"rate\" is real");
	wrong(2, "money", 790, 'N', "\"rate\" is money");
	wrong(2, "boolean", 16, 'B', "\"rate\" is boolean");
	wrong(2, "jsonb", 3802, 'U', "\"rate\" is jsonb");
	wrong(2, "text", 25, 'S', NULL);
	wrong(2, "integer", 23, 'N', NULL);
	wrong(3, "time without time zone", 1083, 'D', "\"valid-from\" is time");
	wrong(3, "integer", 23, 'N', "\"valid-from\" is integer");
	wrong(3, "timestamp with time zone", 1184, 'D', NULL);
	wrong(0, "integer", 23, 'N', "\"FROM\" is integer");
	wrong(0, "bytea", 17, 'U', "\"FROM\" is bytea");
	wrong(0, "text[]", 1009, 'A', "\"FROM\" is text[]");
	wrong(0, "currency_code", 70001, 'E', NULL);
}

static void test_the_copy_quotes_its_names(void **state)
{
	struct pg_column columns[] = {{(char *)"a \"b\"", (char *)"text", 25, 'S'},
	    {(char *)"Is Reseller", (char *)"boolean", 16, 'B'}};
	struct pg_columns all = {columns, 2};
	struct strbuf copy = {0};

	(void)state;
	pg_columns_copy(&all, "select 1 -- one", &copy);
	assert_string_equal(copy.p,
	    "copy (select q.\"a \"\"b\"\"\", (q.\"Is Reseller\")::pg_catalog.text as \"Is Reseller\" from (\nselect 1 -- one\n) q) to "
	    "stdout (format csv, header true)");
	strbuf_free(&copy);
}

struct text_source {
	const char *text;
	size_t at;
};

static ptrdiff_t read_text(void *user, char *p, size_t n, struct error *err)
{
	struct text_source *source = user;
	size_t left = strlen(source->text) - source->at, k = left < n ? left : n;

	(void)err;
	memcpy(p, source->text + source->at, k);
	source->at += k;
	return (ptrdiff_t)k;
}

static void test_rows_are_counted(void **state)
{
	static const struct csv_column columns[] = {{"A", CSV_NEEDED}, {"B", CSV_NEEDED}};
	static const unsigned long lines[] = {1, 2, 3, 4};
	struct text_source source = {
	    "A,\"B\"\n\"one\ntwo\r\nthree\",1\nplain,2\n\"\",\n\"a \"\"quoted\"\"\nline\",4\n", 0};
	struct csv_stream stream = {read_text, &source};
	struct csv_settings settings = {.delimiter = ',', .rows = true};
	struct error err = {0};
	struct csv_row row;
	struct csv_reader *reader =
	    csv_reader_open_stream("database:x", &stream, columns, 2, &settings, &err);

	(void)state;
	assert_non_null(reader);
	for (size_t i = 0; i < ARRAY_LEN(lines); i++) {
		assert_int_equal(csv_reader_next(reader, &row, &err), CSV_ROW);
		assert_int_equal(row.line, lines[i]);
	}
	assert_int_equal(csv_reader_next(reader, &row, &err), CSV_DONE);
	csv_reader_close(reader);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_names_in_any_spelling),
	    cmocka_unit_test(test_a_missing_one_is_named_with_what_there_is),
	    cmocka_unit_test(test_types),
	    cmocka_unit_test(test_the_copy_quotes_its_names),
	    cmocka_unit_test(test_rows_are_counted),
	};

	return cmocka_run_group_tests_name("pg_columns", tests, NULL, NULL);
}
