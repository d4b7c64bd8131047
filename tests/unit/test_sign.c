/* Signatures: whose name is whose, and what the ledger keeps of them. Files and refusals are
 * tests/cli/sign.sh's. */
#include "ledger_fixture.h"

#include "tenantry/sign.h"

static void test_names(void **state)
{
	static const struct {
		const char *a, *b;
		bool same;
	} cases[] = {{"Ann Lee", "ann lee", true}, {"Ann Lee", " ANN  LEE ", true},
	    {"Ann Lee", "AnnLee", true}, {"Ann\tLee", "Ann\xc2\xa0Lee", true},
	    {"J\xc3\x9crgen", "j\xc3\xbcrgen", true},
	    {"\xd0\x90\xd0\xbd\xd0\xbd\xd0\xb0", "\xd0\xb0\xd0\xbd\xd0\xbd\xd0\xb0", true},
	    {"Ann Lee", "Ann Leed", false}, {"Ann Lee", "Lee Ann", false}, {"Ann Lee", "", false},
	    {"\xff", "\xff", true}, {"\xff", "\xfe", false}, {"a", "\xc3\xa1", false}};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		if (sign_same_name(cases[i].a, cases[i].b) != cases[i].same ||
		    sign_same_name(cases[i].b, cases[i].a) != cases[i].same)
			fail_msg("\"%s\" and \"%s\"", cases[i].a, cases[i].b);
	}
}

static struct signature_record signature(const char *role, const char *name)
{
	return (struct signature_record){.run_id = "R1",
	    .role = role,
	    .name = name,
	    .login = "ops",
	    .manifest = "abc",
	    .document = "{}\n",
	    .signed_at = 7};
}

static struct run_signatures standing(struct fixture *f)
{
	struct run_signatures out;

	ok(f, sign_standing(f->ledger, "R1", f->arena, &out, &f->err));
	return out;
}

static void test_ledger(void **state)
{
	struct fixture *f = *state;
	struct signature_record ann = signature("preparer", "Ann Lee"), bo = signature("reviewer", "Bo Diaz");
	struct signature_record *rows;
	size_t count;
	bool noted = false;

	begin_run(f, "R1");
	struct run_signatures now = standing(f);
	assert_string_equal(sign_state(&now), "");
	ok(f, ledger_signature_put(f->ledger, &ann, &f->err));
	now = standing(f);
	assert_string_equal(sign_state(&now), "prepared");
	ok(f, ledger_signature_put(f->ledger, &bo, &f->err));
	now = standing(f);
	assert_string_equal(sign_state(&now), "signed");
	assert_string_equal(now.by[SIGN_PREPARER]->name, "Ann Lee");
	assert_string_equal(now.by[SIGN_REVIEWER]->document, "{}\n");
	assert_int_equal(now.by[SIGN_REVIEWER]->signed_at, 7);
	ok(f, ledger_signature_noted(f->ledger, now.by[SIGN_REVIEWER], &noted, &f->err));
	assert_true(noted);
	ann.manifest = "another";
	ok(f, ledger_signature_noted(f->ledger, &ann, &noted, &f->err));
	assert_false(noted);

	ok(f, ledger_signature_withdraw(f->ledger, now.by[SIGN_REVIEWER], "root", "late", &f->err));
	now = standing(f);
	assert_null(now.by[SIGN_REVIEWER]);
	ok(f, ledger_signature_put(f->ledger, &bo, &f->err));
	ok(f, ledger_commit(f->ledger, &f->err));
	ok(f, ledger_signatures(f->ledger, "R1", f->arena, &rows, &count, &f->err));
	assert_int_equal(count, 3);
	assert_string_equal(rows[1].withdrawn_by, "root");
	assert_string_equal(rows[1].withdrawn_reason, "late");
	ok(f, ledger_signatures(f->ledger, NULL, f->arena, &rows, &count, &f->err));
	assert_int_equal(count, 2);
	assert_string_equal(rows[0].document, "");
}

/* Two at the same moment: one of them gets it. */
static void test_one_of_a_role(void **state)
{
	struct fixture *f = *state;
	struct signature_record ann = signature("preparer", "Ann Lee"), cy = signature("preparer", "Cy Orr");

	begin_run(f, "R1");
	ok(f, ledger_signature_put(f->ledger, &ann, &f->err));
	ok(f, ledger_commit(f->ledger, &f->err));
	assert_int_equal(ledger_signature_put(f->ledger, &cy, &f->err), -1);
	assert_int_equal(f->err.code, ERR_LEDGER);
	ledger_rollback(f->ledger);
	error_clear(&f->err);
	struct run_signatures now = standing(f);
	assert_string_equal(now.by[SIGN_PREPARER]->name, "Ann Lee");
}

int main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(test_names),
	    cmocka_unit_test_setup_teardown(test_ledger, setup, teardown),
	    cmocka_unit_test_setup_teardown(test_one_of_a_role, setup, teardown)};

	return cmocka_run_group_tests_name("sign", tests, NULL, NULL);
}
