/* Subscriptions as a night read them come back from disk as they were, places and quarantined rows too. */
#include "reconcile_fixture.h"

#include <unistd.h>

static void test_round_trip(void **state)
{
	struct night *n = night_new();
	char path[] = "/tmp/tenantry-kept-XXXXXX.csv.zst", written[DIGEST_TEXT_SIZE], read[DIGEST_TEXT_SIZE];
	struct error err = {0};

	(void)state;
	close(mkstemps(path, 8));
	bss(n, "S-1", "1", 1, SUBSCRIPTION_ACTIVE)->external_id = tenant_id(n, 1);
	struct subscription *s = bss(n, "S \"2\", Ltd\n", "2", 2, SUBSCRIPTION_SUSPENDED);
	s->currency[0] = '\0';
	s->is_trial = -1;
	s->ramp_up_months = 3;
	s->updated_at = n->now;
	s->end_date = (struct date){2026, 12, 31};
	s->source = "b.csv";
	quarantine(n, "9", "S-9");
	assert_int_equal(subscriptions_write(&n->subscriptions, path, written, &err), 0);
	struct subscriptions *kept = subscriptions_read(n->job, path, read, &err);
	assert_non_null(kept);
	assert_string_equal(written, read);
	assert_int_equal(kept->count, 2);
	assert_int_equal(kept->quarantined_count, 1);
	for (size_t i = 0; i < 2; i++) {
		const struct subscription *a = &n->subscriptions.items[i], *b = &kept->items[i];
		assert_string_equal(a->id, b->id);
		assert_string_equal(a->external_id, b->external_id);
		assert_string_equal(a->account_id, b->account_id);
		assert_string_equal(a->account, b->account);
		assert_string_equal(a->username, b->username);
		assert_string_equal(a->sync_status, b->sync_status);
		assert_string_equal(a->quantity, b->quantity);
		assert_string_equal(a->currency, b->currency);
		assert_string_equal(a->source, b->source);
		assert_ptr_equal(a->tier, b->tier);
		assert_int_equal(a->status, b->status);
		assert_int_equal(date_compare(a->start_date, b->start_date), 0);
		assert_int_equal(date_compare(a->end_date, b->end_date), 0);
		assert_int_equal(a->updated_at, b->updated_at);
		assert_int_equal(a->ramp_up_months, b->ramp_up_months);
		assert_int_equal(a->is_trial, b->is_trial);
		assert_int_equal(a->line, b->line);
	}
	assert_string_equal(kept->quarantined[0].reason, n->subscriptions.quarantined[0].reason);
	assert_string_equal(kept->quarantined[0].subscription_id, "S-9");
	assert_int_equal(kept->quarantined[0].line, 99);
	subscriptions_free(kept);
	/* cut off, it is none */
	assert_int_equal(truncate(path, 40), 0);
	assert_null(subscriptions_read(n->job, path, read, &err));
	assert_int_equal(err.code, ERR_SOURCE);
	unlink(path);
	night_free(n);
}

int main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(test_round_trip)};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
