/* Which connection texts are taken: what stays on this machine may be plain, all else states an sslmode
 * without a plain way; and no message ever has the password in it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdlib.h>
#include <string.h>

#include "../fake/fake_job.h"
#include "bss/pg_impl.h"
#include "tenantry/mem.h"

static const char secret[] = "opensesame";

static int set_up(void **state)
{
	static const char *const names[] = {"PGHOST", "PGHOSTADDR", "PGPORT", "PGUSER", "PGDATABASE",
	    "PGSSLMODE", "PGSERVICE", "PGPASSWORD", "PGTARGETSESSIONATTRS", "PGSYSCONFDIR", "PGSERVICEFILE"};
	struct job *job = fake_job_new();

	for (size_t i = 0; i < ARRAY_LEN(names); i++)
		unsetenv(names[i]);
	job->bss.database = (struct secret){.kind = SECRET_ENV, .name = "TEST_CONNINFO", .line = 7};
	*state = job;
	return 0;
}

static int tear_down(void **state)
{
	fake_job_free(*state);
	return 0;
}

static int read_target(const struct job *job, const char *text, struct pg_target *out, struct error *err)
{
	*err = (struct error){0};
	setenv("TEST_CONNINFO", text, 1);
	return pg_target_read(job, false, out, err);
}

static void assert_no_secret(const struct error *err)
{
	assert_null(strstr(err->text, secret));
	assert_null(strstr(err->hint, secret));
	assert_null(strstr(err->source, secret));
	assert_null(strstr(err->field, secret));
}

static void taken(const struct job *job, const char *text, size_t hosts, const char *first)
{
	struct pg_target target;
	struct error err;

	if (read_target(job, text, &target, &err) < 0)
		fail_msg("%s: %s", text, err.text);
	assert_int_equal(target.count, hosts);
	assert_string_equal(target.hosts[0].where, first);
	pg_target_free(&target);
}

static void refused(const struct job *job, const char *text, const char *words)
{
	struct pg_target target;
	struct error err;

	assert_int_equal(read_target(job, text, &target, &err), -1);
	assert_int_equal(err.code, ERR_JOB);
	assert_int_equal(err.line, 7);
	if (!strstr(err.text, words))
		fail_msg("%s: %s", text, err.text);
	assert_true(err.hint[0]);
	assert_no_secret(&err);
}

static void test_what_stays_on_this_machine_may_be_plain(void **state)
{
	const struct job *job = *state;

	taken(job, "dbname=bss", 1, "local socket:5432/bss");
	taken(job, "host=/run/pg dbname=bss port=5433", 1, "/run/pg:5433/bss");
	taken(job, "host=@abstract dbname=bss", 1, "@abstract:5432/bss");
	taken(job, "host=127.0.0.1 dbname=bss password=opensesame", 1, "127.0.0.1:5432/bss");
	taken(job, "host=::1 dbname=bss sslmode=disable", 1, "::1:5432/bss");
	taken(job, "host=LOCALHOST dbname=bss", 1, "LOCALHOST:5432/bss");
	taken(job, "host=db.example.com hostaddr=127.1.2.3 dbname=bss", 1, "db.example.com:5432/bss");
	taken(job, "postgresql://u:opensesame@localhost:6432/bss", 1, "localhost:6432/bss");
	taken(job, "user=u dbname=bss host=127.0.0.1,/run/pg port=1,2", 2, "127.0.0.1:1/bss");
	taken(job, "host=127.0.0.1 user=u", 1, "127.0.0.1:5432/u");
}

static void test_what_leaves_it_is_encrypted(void **state)
{
	const struct job *job = *state;

	taken(job, "host=db.example.com dbname=bss sslmode=verify-full", 1, "db.example.com:5432/bss");
	taken(job, "host=db.example.com dbname=bss sslmode=require", 1, "db.example.com:5432/bss");
	refused(job, "host=db.example.com dbname=bss password=opensesame", "not stated");
	refused(job, "host=db.example.com dbname=bss sslmode=prefer", "sslmode is prefer");
	refused(job, "host=db.example.com dbname=bss sslmode=allow password=opensesame", "sslmode is allow");
	refused(job, "host=10.1.2.3 dbname=bss sslmode=disable", "sslmode is disable");
	refused(job, "host=127.0.0.1,10.1.2.3 dbname=bss sslmode=disable", "10.1.2.3:5432/bss");
	refused(job, "host=localhost hostaddr=10.1.2.3 dbname=bss", "localhost:5432/bss");
	refused(job, "host=127.1.example.com dbname=bss", "127.1.example.com");
	refused(job, "postgresql://u:opensesame@db.example.com/bss", "db.example.com:5432/bss");
}

static void test_plain_may_be_allowed_by_name(void **state)
{
	struct job *job = *state;

	job->bss.allow_plain = true;
	taken(job, "host=db.example.com dbname=bss", 1, "db.example.com:5432/bss");
	taken(job, "host=db.example.com dbname=bss sslmode=disable", 1, "db.example.com:5432/bss");
}

/* libpq would take hosts and modes from the environment: they count here too. */
static void test_the_environment_is_seen(void **state)
{
	const struct job *job = *state;

	setenv("PGHOST", "db.example.com", 1);
	refused(job, "dbname=bss", "db.example.com:5432/bss");
	taken(job, "host=127.0.0.1 dbname=bss", 1, "127.0.0.1:5432/bss");
	setenv("PGSSLMODE", "verify-full", 1);
	taken(job, "dbname=bss", 1, "db.example.com:5432/bss");
	unsetenv("PGHOST");
	unsetenv("PGSSLMODE");
}

static void test_texts_that_are_none_show_nothing_of_themselves(void **state)
{
	const struct job *job = *state;

	refused(job, "host=db password=opensesame colour", "not a PostgreSQL connection text");
	refused(job, "opensesame", "not a PostgreSQL connection text");
	refused(job, "postgresql://u:opensesame@db?colour=blue", "not a PostgreSQL connection text");
	refused(job, "service=bss password=opensesame", "service");
}

static void test_the_session_that_is_asked_for(void **state)
{
	struct job *job = *state;
	struct pg_target target;
	struct error err;

	assert_int_equal(
	    read_target(job, "host=a,b dbname=bss sslmode=require target_session_attrs=prefer-standby",
		&target, &err),
	    0);
	assert_string_equal(target.session, "prefer-standby");
	assert_int_equal(target.count, 2);
	pg_target_free(&target);
	assert_int_equal(pg_target_read(job, true, &target, &err), 0);
	assert_string_equal(target.session, "read-write");
	for (size_t i = 0; i < target.param_count; i++)
		assert_string_not_equal(target.params[i].keyword, "target_session_attrs");
	pg_target_free(&target);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test_setup_teardown(test_what_stays_on_this_machine_may_be_plain, set_up, tear_down),
	    cmocka_unit_test_setup_teardown(test_what_leaves_it_is_encrypted, set_up, tear_down),
	    cmocka_unit_test_setup_teardown(test_plain_may_be_allowed_by_name, set_up, tear_down),
	    cmocka_unit_test_setup_teardown(test_the_environment_is_seen, set_up, tear_down),
	    cmocka_unit_test_setup_teardown(
		test_texts_that_are_none_show_nothing_of_themselves, set_up, tear_down),
	    cmocka_unit_test_setup_teardown(test_the_session_that_is_asked_for, set_up, tear_down),
	};

	return cmocka_run_group_tests_name("pg_target", tests, NULL, NULL);
}
