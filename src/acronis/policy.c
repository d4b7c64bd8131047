/* The policy table; see policy_impl.h.
 *
 * Rows are tried from the top and the first that fits decides, so the particular stands above the general. A
 * read may be made again whatever happened, and so may the call for a token: what is unreadable now (a page
 * of a proxy, half an answer) is as passing as a 503. An answer past the size limit will be so again. A
 * change may be made again only when it is certain that it was not carried out: never sent, 401, 429.
 * Statuses and codes: acronis-notes.md section 7 and 2.3.
 */
#include "policy_impl.h"

#include <curl/curl.h>

#include "tenantry/mem.h"

enum { BASE_PAUSE_MS = 1000, MAX_PAUSE_MS = 30000, MAX_HINT_MS = 300000 };

enum answer_kind { ANY_BODY, FOREIGN_BODY, CHECK_LOGIN };

struct verdict_of {
	enum api_result result;
	enum policy_action action;
};

static const struct row {
	enum transport_failure failure;
	int low, high;         /* status, both 0 when there is none */
	int64_t platform_code; /* 0: whatever it is */
	enum answer_kind only;
	struct verdict_of of[POLICY_KIND_COUNT]; /* read, change, token */
	bool their_side;
} rows[] = {
/* clang-format off */
#define ALWAYS(result) {{result, POLICY_SETTLE}, {result, POLICY_SETTLE}, {result, POLICY_SETTLE}}
#define NOT_DONE(result) {{result, POLICY_AGAIN}, {result, POLICY_AGAIN}, {result, POLICY_AGAIN}}
#define IN_DOUBT {{API_UNAVAILABLE, POLICY_AGAIN}, {API_UNKNOWN, POLICY_SETTLE}, {API_UNAVAILABLE, POLICY_AGAIN}}
#define NOT_THIS_API {{API_UNREADABLE, POLICY_SETTLE}, {API_UNKNOWN, POLICY_SETTLE}, {API_UNREADABLE, POLICY_SETTLE}}
#define UNREADABLE {{API_UNREADABLE, POLICY_AGAIN}, {API_UNKNOWN, POLICY_SETTLE}, {API_UNREADABLE, POLICY_AGAIN}}
#define FOR_CALLS(result) {{result, POLICY_SETTLE}, {result, POLICY_SETTLE}, {API_UNREADABLE, POLICY_SETTLE}}
    {TRANSPORT_NOT_SENT, 0, 0, 0, ANY_BODY, NOT_DONE(API_UNAVAILABLE), true},
    {TRANSPORT_LOST, 0, 0, 0, ANY_BODY, IN_DOUBT, true},
    {TRANSPORT_TIMEOUT, 0, 0, 0, ANY_BODY, IN_DOUBT, true},
    {TRANSPORT_CANCELLED, 0, 0, 0, ANY_BODY, IN_DOUBT, false},
    {TRANSPORT_TOO_LARGE, 0, 0, 0, ANY_BODY, NOT_THIS_API, true},
    {TRANSPORT_OK, 200, 299, 0, FOREIGN_BODY, UNREADABLE, true},
    {TRANSPORT_OK, 200, 299, 0, ANY_BODY, ALWAYS(API_OK), false},
    {TRANSPORT_OK, 401, 401, 0, ANY_BODY, {{API_UNAUTHORIZED, POLICY_NEW_TOKEN}, {API_UNAUTHORIZED, POLICY_NEW_TOKEN},
	{API_UNAUTHORIZED, POLICY_SETTLE}}, false},
    {TRANSPORT_OK, 429, 429, 0, ANY_BODY, NOT_DONE(API_UNAVAILABLE), true},
    {TRANSPORT_OK, 408, 408, 0, ANY_BODY, IN_DOUBT, true},
    {TRANSPORT_OK, 500, 599, 0, ANY_BODY, IN_DOUBT, true},
    {TRANSPORT_OK, 400, 499, 1000, ANY_BODY, IN_DOUBT, true},
    {TRANSPORT_OK, 400, 499, 0, FOREIGN_BODY, UNREADABLE, true},
    {TRANSPORT_OK, 400, 499, 1001, ANY_BODY, FOR_CALLS(API_STALE), false},
    {TRANSPORT_OK, 400, 499, 1004, ANY_BODY, FOR_CALLS(API_TAKEN), false},
    {TRANSPORT_OK, 400, 499, 1005, ANY_BODY, FOR_CALLS(API_NOT_FOUND), false},
    {TRANSPORT_OK, 400, 400, 0, ANY_BODY, {{API_REFUSED, POLICY_SETTLE}, {API_REFUSED, POLICY_SETTLE},
	{API_UNAUTHORIZED, POLICY_SETTLE}}, false},
    {TRANSPORT_OK, 403, 403, 0, ANY_BODY, {{API_FORBIDDEN, POLICY_SETTLE}, {API_FORBIDDEN, POLICY_SETTLE},
	{API_UNAUTHORIZED, POLICY_SETTLE}}, false},
    {TRANSPORT_OK, 404, 404, 0, ANY_BODY, FOR_CALLS(API_NOT_FOUND), false},
    {TRANSPORT_OK, 406, 406, 0, CHECK_LOGIN, FOR_CALLS(API_NOT_ACCEPTABLE), false},
    {TRANSPORT_OK, 409, 409, 0, ANY_BODY, FOR_CALLS(API_TAKEN), false},
    {TRANSPORT_OK, 412, 412, 0, ANY_BODY, FOR_CALLS(API_STALE), false},
    {TRANSPORT_OK, 426, 426, 0, ANY_BODY, FOR_CALLS(API_STALE_QUOTA), false},
    {TRANSPORT_OK, 400, 499, 0, ANY_BODY, FOR_CALLS(API_REFUSED), false},
    {TRANSPORT_OK, 0, 999, 0, ANY_BODY, UNREADABLE, true},
    /* clang-format on */
};

static bool fits(const struct row *row, const struct policy_question *q)
{
	if (row->failure != q->failure || q->status < row->low || q->status > row->high)
		return false;
	if (row->platform_code && row->platform_code != q->platform_code)
		return false;
	if (row->only == FOREIGN_BODY)
		return q->foreign;
	return row->only != CHECK_LOGIN || q->checks_login;
}

struct policy_answer policy_decide(const struct policy_question *q)
{
	const struct row *row = rows;

	while (row < rows + ARRAY_LEN(rows) - 1 && !fits(row, q))
		row++;
	struct policy_answer answer = {.action = row->of[q->kind].action,
	    .result = row->of[q->kind].result,
	    .their_side = row->their_side,
	    .hold_all = q->status == 429 || (q->status >= 400 && q->hint_ms >= 0)};
	bool used_up = q->tries > q->retries;
	/* A certificate that is not accepted now will not be in a second. */
	if (answer.action == POLICY_AGAIN && (used_up || q->bad_certificate))
		answer.action = POLICY_SETTLE;
	if (answer.action == POLICY_NEW_TOKEN && q->token_replayed)
		answer.action = POLICY_SETTLE;
	return answer;
}

int64_t policy_retry_after_ms(const char *header, int64_t wall_ms)
{
	struct strv text = strv_trim(strv_of(header));
	int64_t seconds, ms;

	if (text.n == 0)
		return -1;
	if (strspn(text.p, "0123456789") >= text.n) {
		if (!strv_to_int64(text, &seconds) || seconds > MAX_HINT_MS / 1000)
			return MAX_HINT_MS;
		return seconds * 1000;
	}
	time_t when = curl_getdate(header, NULL);
	if (when < 0)
		return -1;
	ms = (int64_t)when * 1000 - wall_ms;
	return ms < 0 ? 0 : ms > MAX_HINT_MS ? MAX_HINT_MS : ms;
}

/* SplitMix64 (Steele, Lea, Flood 2014): good enough to spread pauses, and any seed will do. */
static uint64_t next_random(uint64_t *state)
{
	uint64_t z = *state += UINT64_C(0x9e3779b97f4a7c15);

	z = (z ^ (z >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
	z = (z ^ (z >> 27)) * UINT64_C(0x94d049bb133111eb);
	return z ^ (z >> 31);
}

int64_t policy_pause_ms(int64_t tries, int64_t hint_ms, uint64_t *random)
{
	int64_t most = BASE_PAUSE_MS;

	if (hint_ms >= 0)
		return hint_ms;
	for (int64_t i = 1; i < tries && most < MAX_PAUSE_MS; i++)
		most *= 2;
	if (most > MAX_PAUSE_MS)
		most = MAX_PAUSE_MS;
	return (int64_t)(next_random(random) % (uint64_t)(most + 1));
}
