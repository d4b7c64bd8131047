/* The words of provisioning: verdicts, why an item is parked, why one failed. All of them are codes that
 * reports, the ledger and people share, so they stand in the tables of provision.h and nowhere else. */
#include <string.h>

#include "tenantry/mem.h"
#include "tenantry/provision.h"

static const struct {
	const char *code, *text, *decision;
} parks[] = {[PARK_NONE] = {"", "", ""},
#define X(id, code, text, decision) [id] = {code, text, decision},
    PARK_REASONS(X)
#undef X
};

static const struct {
	const char *code, *text;
} fails[] = {[FAIL_NONE] = {"", ""},
#define X(id, code, text) [id] = {code, text},
    FAIL_REASONS(X)
#undef X
};

const char *park_reason_code(enum park_reason reason)
{
	return parks[reason].code;
}

const char *park_reason_text(enum park_reason reason)
{
	return parks[reason].text;
}

const char *park_reason_decision(enum park_reason reason)
{
	return parks[reason].decision;
}

enum park_reason park_reason_parse(const char *code)
{
	for (size_t i = PARK_NONE + 1; i < ARRAY_LEN(parks); i++)
		if (strcmp(parks[i].code, code) == 0)
			return (enum park_reason)i;
	return PARK_NONE;
}

const char *fail_reason_code(enum fail_reason reason)
{
	return fails[reason].code;
}

const char *fail_reason_text(enum fail_reason reason)
{
	return fails[reason].text;
}

enum fail_reason fail_reason_parse(const char *code)
{
	for (size_t i = FAIL_NONE + 1; i < ARRAY_LEN(fails); i++)
		if (strcmp(fails[i].code, code) == 0)
			return (enum fail_reason)i;
	return FAIL_NONE;
}

const char *plan_verdict_name(enum plan_verdict verdict)
{
	static const char *const names[] = {[PLAN_DO] = "do",
	    [PLAN_RESUME] = "resume",
	    [PLAN_DEFER] = "defer",
	    [PLAN_PARK] = "park",
	    [PLAN_HOLD] = "hold"};

	return names[verdict];
}
