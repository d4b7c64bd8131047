/* Words that stand for nothing, and ids that only look like them. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "tenantry/mem.h"
#include "tenantry/placeholder.h"

static void words_for_nothing(void **state)
{
	static const char *const words[] = {"NULL", "null", " Null ", "(null)", "<null>", "[NULL]", "None",
	    "nil", "nan", "NaN", "NaT", "<NA>", "NA", "n/a", "N/A", "undefined", "unknown", "\\N", "#N/A",
	    "#n/a", "#REF!", "#VALUE!", "#NAME?", "#DIV/0!", "#NUM!", "########", "#", "-", "--",
	    "\xe2\x80\x93", "\xe2\x80\x94", "0", "000", "0.0", "00000000-0000-0000-0000-000000000000",
	    "{00000000-0000-0000-0000-000000000000}", "?", "."};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(words); i++)
		if (!is_placeholder(strv_of(words[i])))
			fail_msg("\"%s\" is taken for an id", words[i]);
}

static void ids(void **state)
{
	static const char *const real[] = {"", " ", "1", "01", "10", "0x0", "0a", "601", "OI-1", "ORD-0",
	    "-1", "1-", "NULL-1", "NULLA", "None Ltd", "nano", "A0", "#1", "#12", "(1)", "()", "0-1",
	    "00000000-0000-0000-0000-000000000001", "6b1f4c3e-0d2a-4f57-9a88-1c2d3e4f5a6b", "\xe2\x82\xac",
	    "E1", "M", "b", "u-7", "..1"};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(real); i++)
		if (is_placeholder(strv_of(real[i])))
			fail_msg("\"%s\" is taken for a word for nothing", real[i]);
}

int main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(words_for_nothing), cmocka_unit_test(ids)};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
