/* Request bodies, byte for byte: the API refuses members it does not know. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "tenantry/acronis.h"
#include "tenantry/mem.h"

static void assert_body(json_t *body, const char *expected)
{
	char *text = json_dumps(body, JSON_COMPACT);

	assert_string_equal(text, expected);
	free(text);
	json_decref(body);
}

static const struct acronis_contact whole = {.email = "a@example.com",
    .first_name = "A",
    .last_name = "B",
    .phone = "+49",
    .address1 = "S 1",
    .address2 = "Hof",
    .city = "C",
    .state = "ST",
    .zipcode = "1",
    .country = "DE"};
static const struct acronis_contact mail_only = {.email = "a@example.com",
    .first_name = "",
    .last_name = "",
    .phone = "",
    .address1 = "",
    .address2 = "",
    .city = "",
    .state = "",
    .zipcode = "",
    .country = ""};

static void tenants(void **state)
{
	struct acronis_tenant_new tenant = {.name = "Bäcker",
	    .parent_id = "p",
	    .customer_id = "A-1",
	    .internal_tag = "main/7",
	    .contact = whole};

	(void)state;
	assert_body(acronis_tenant_create_body(&tenant),
	    "{\"name\":\"Bäcker\",\"parent_id\":\"p\",\"kind\":\"partner\",\"customer_id\":\"A-1\",\"internal_tag\":\"main/7\","
	    "\"contact\":{\"types\":[\"legal\",\"billing\"],\"email\":\"a@example.com\",\"firstname\":\"A\",\"lastname\":\"B\","
	    "\"address1\":\"S 1\",\"address2\":\"Hof\",\"city\":\"C\",\"state\":\"ST\",\"zipcode\":\"1\",\"country\":\"DE\","
	    "\"phone\":\"+49\"}}");
	tenant.contact = mail_only;
	assert_body(acronis_tenant_create_body(&tenant),
	    "{\"name\":\"Bäcker\",\"parent_id\":\"p\",\"kind\":\"partner\",\"customer_id\":\"A-1\",\"internal_tag\":\"main/7\","
	    "\"contact\":{\"types\":[\"legal\",\"billing\"],\"email\":\"a@example.com\"}}");
	assert_body(acronis_contact_update_body(INT64_C(1497533157730), &mail_only),
	    "{\"version\":1497533157730,\"contact\":{\"types\":[\"legal\",\"billing\"],\"email\":\"a@example.com\"}}");
	assert_body(acronis_enabled_body(2, false), "{\"version\":2,\"enabled\":false}");
	assert_body(acronis_enabled_body(2, true), "{\"version\":2,\"enabled\":true}");
	/* No change of a tenant writes its tag: another program's may be in it. */
	assert_body(acronis_customer_id_body(2, "A-1"), "{\"version\":2,\"customer_id\":\"A-1\"}");
}

static void pricing_and_settings(void **state)
{
	(void)state;
	assert_body(acronis_pricing_body(INT64_C(9007199254740993), "production", "EUR"),
	    "{\"version\":9007199254740993,\"mode\":\"production\",\"currency\":\"EUR\"}");
	assert_body(acronis_pricing_body(1, "", "JPY"), "{\"version\":1,\"currency\":\"JPY\"}");
	assert_body(acronis_setting_number_body(-1), "{\"value\":-1}");
	assert_body(acronis_setting_text_body("per_gb"), "{\"value\":\"per_gb\"}");
}

static void offering_items(void **state)
{
	const struct acronis_offering_item items[] = {
	    {.application_id = "a",
		.name = "storage",
		.infra_id = "i",
		.edition = "e",
		.type = "infra",
		.enabled = true},
	    {.application_id = "a",
		.name = "vms",
		.infra_id = "",
		.edition = "",
		.type = "count",
		.has_quota = true,
		.quota = 5,
		.overage_unlimited = true,
		.quota_version = 3},
	    {.application_id = "a",
		.name = "mailboxes",
		.infra_id = "",
		.enabled = true,
		.has_quota = true,
		.quota_unlimited = true,
		.overage = 2},
	};

	(void)state;
	assert_body(acronis_offering_items_body(items, ARRAY_LEN(items)),
	    "{\"offering_items\":[{\"application_id\":\"a\",\"name\":\"storage\",\"status\":1,\"infra_id\":\"i\"},"
	    "{\"application_id\":\"a\",\"name\":\"vms\",\"status\":0,\"quota\":{\"value\":5,\"overage\":null,\"version\":3}},"
	    "{\"application_id\":\"a\",\"name\":\"mailboxes\",\"status\":1,\"quota\":{\"value\":null,\"overage\":2,\"version\":0}}]}");
	assert_body(acronis_offering_items_body(NULL, 0), "{\"offering_items\":[]}");
}

static void users(void **state)
{
	(void)state;
	assert_body(acronis_user_create_body("t", "a@example.com", "main/7", &whole),
	    "{\"tenant_id\":\"t\",\"login\":\"a@example.com\",\"external_id\":\"main/7\","
	    "\"contact\":{\"email\":\"a@example.com\",\"firstname\":\"A\",\"lastname\":\"B\"}}");
	assert_body(acronis_user_create_body("t", "a@example.com", NULL, &mail_only),
	    "{\"tenant_id\":\"t\",\"login\":\"a@example.com\",\"contact\":{\"email\":\"a@example.com\"}}");
	assert_body(acronis_partner_admin_body("u", "t"),
	    "{\"items\":[{\"id\":\"00000000-0000-0000-0000-000000000000\",\"issuer_id\":\"00000000-0000-0000-0000-000000000000\","
	    "\"trustee_id\":\"u\",\"trustee_type\":\"user\",\"tenant_id\":\"t\",\"role_id\":\"partner_admin\",\"version\":0}]}");
}

static void contacts_match_as_far_as_they_are_ours(void **state)
{
	struct acronis_contact is = whole;

	(void)state;
	assert_true(acronis_contact_matches(&whole, &is));
	assert_true(acronis_contact_matches(&mail_only, &is));
	assert_false(acronis_contact_matches(&whole, &mail_only));
	is.email = "A@Example.com";
	is.country = "de";
	assert_true(acronis_contact_matches(&whole, &is));
	is.city = "c";
	assert_false(acronis_contact_matches(&whole, &is));
	is = whole;
	is.address2 = "Hinterhof";
	assert_false(acronis_contact_matches(&whole, &is));
	assert_true(acronis_contact_matches(&mail_only, &is));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(tenants),
	    cmocka_unit_test(pricing_and_settings),
	    cmocka_unit_test(offering_items),
	    cmocka_unit_test(users),
	    cmocka_unit_test(contacts_match_as_far_as_they_are_ours),
	};

	return cmocka_run_group_tests_name("encode", tests, NULL, NULL);
}
