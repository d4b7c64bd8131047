/* What the processes of a server that were seen say of a session: ours alone, or handed round by a pooler. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "bss/pg_impl.h"
#include "tenantry/mem.h"

static void judged(const struct pg_seen *seen, enum pg_session wanted)
{
	assert_int_equal(pg_session_judge(seen), wanted);
}

static void test_judge(void **state)
{
	(void)state;
	judged(&(struct pg_seen){.told = 77, .ours = {77, 77, 77}, .looks = 3}, PG_SESSION_DIRECT);
	/* The process changed under us: no need of a second connection. */
	judged(&(struct pg_seen){.told = 77, .ours = {77, 78}, .looks = 2}, PG_SESSION_SHARED);
	judged(&(struct pg_seen){.told = -5, .ours = {77, 77, 78}, .looks = 3}, PG_SESSION_SHARED);
	/* Behind a pooler only a second connection tells: the first one gets what we had, or we get another. */
	judged(&(struct pg_seen){.told = -5, .ours = {77, 77, 77}, .looks = 3}, PG_SESSION_UNKNOWN);
	judged(&(struct pg_seen){.told = -5, .ours = {77, 77, 77}, .looks = 3, .other = {77}, .others = 1},
	    PG_SESSION_SHARED);
	judged(&(struct pg_seen){.told = -5, .ours = {77, 77, 77, 79}, .looks = 4, .other = {78}, .others = 1},
	    PG_SESSION_SHARED);
	judged(&(struct pg_seen){.told = -5,
		   .ours = {77, 77, 77, 77, 77},
		   .looks = 5,
		   .other = {78, 77},
		   .others = 2},
	    PG_SESSION_SHARED);
	judged(&(struct pg_seen){.told = -5,
		   .ours = {77, 77, 77, 77, 77, 77},
		   .looks = 6,
		   .other = {78, 78, 78},
		   .others = 3},
	    PG_SESSION_POOLED);
}

int main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(test_judge)};

	return cmocka_run_group_tests_name("pg_session", tests, NULL, NULL);
}
