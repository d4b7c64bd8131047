/* The world: four ways to ask for a tenant, and what a newer reading replaces. */
#include "provision_fixture.h"

static struct acronis_tenant tenant(const char *id, const char *name, const char *customer, const char *tag)
{
	return (struct acronis_tenant){.id = id,
	    .parent_id = CLOUD_PARENT,
	    .customer_id = customer,
	    .internal_tag = tag,
	    .name = name,
	    .kind = "partner",
	    .pricing_mode = "production",
	    .updated_at = "",
	    .deleted_at = "",
	    .enabled = true,
	    .version = 1,
	    .contact = {.email = "a@example.com",
		.first_name = "",
		.last_name = "",
		.phone = "",
		.address1 = "",
		.address2 = "",
		.city = "Here",
		.state = "",
		.zipcode = "",
		.country = ""}};
}

static void test_found_by_id_tag_customer_and_name(void **state)
{
	struct world *world = world_new(CLOUD_PARENT);
	struct acronis_tenant a =
	    tenant("aaaaaaaa-0000-4000-8000-000000000001", "Northwind GmbH", "A1", "main/O-1");

	(void)state;
	world_put(world, &a);
	assert_int_equal(world_count(world), 1);
	assert_string_equal(world_by_id(world, "AAAAAAAA-0000-4000-8000-000000000001")->contact.city, "Here");
	assert_non_null(world_by_tag(world, "main/O-1"));
	assert_null(world_by_tag(world, "MAIN/O-1"));
	assert_non_null(world_by_customer(world, "A1"));
	assert_non_null(world_by_name(world, "NORTHWIND gmbh"));
	assert_null(world_by_name(world, "Northwind"));
	assert_null(world_by_id(world, ""));
	assert_null(world_by_tag(world, ""));
	assert_string_equal(world_parent(world), CLOUD_PARENT);
	world_free(world);
	world_free(NULL);
}

static void test_newer_reading_replaces(void **state)
{
	struct world *world = world_new(CLOUD_PARENT);
	struct acronis_tenant a = tenant("t-1", "Old name", "A1", "main/O-1");

	(void)state;
	world_put(world, &a);
	const struct acronis_tenant *before = world_by_id(world, "t-1");
	world_put(world, &a);
	assert_ptr_equal(world_by_id(world, "t-1"), before); /* nothing changed, nothing kept twice */
	a.name = "New name";
	a.customer_id = "A2";
	a.version = 2;
	world_put(world, &a);
	assert_int_equal(world_count(world), 1);
	assert_null(world_by_name(world, "Old name"));
	assert_null(world_by_customer(world, "A1"));
	assert_int_equal(world_by_name(world, "new NAME")->version, 2);
	assert_string_equal(before->name, "Old name"); /* what was handed out stays readable */
	world_free(world);
}

static void test_live_before_deleted(void **state)
{
	struct world *world = world_new(CLOUD_PARENT);
	struct acronis_tenant dead = tenant("t-1", "Northwind", "A1", "main/O-1"),
			      live = tenant("t-2", "Northwind", "A1", "main/O-1");

	(void)state;
	dead.deleted_at = "2026-01-01T00:00:00";
	world_put(world, &live);
	world_put(world, &dead);
	assert_string_equal(world_by_customer(world, "A1")->id, "t-2");
	assert_string_equal(world_by_tag(world, "main/O-1")->id, "t-2");
	live.deleted_at = "2026-02-01T00:00:00";
	world_put(world, &live);
	assert_non_null(world_by_customer(world, "A1")); /* a deleted one when there is no other */
	assert_null(world_by_name(world, "Northwind"));  /* names of deleted ones are free */
	world_free(world);
}

static void test_names_count_only_directly_below_the_parent(void **state)
{
	struct world *world = world_new(CLOUD_PARENT);
	struct acronis_tenant below = tenant("t-1", "Northwind", "A1", ""),
			      root = tenant(CLOUD_PARENT, "Distributor", "D", "");

	(void)state;
	below.parent_id = "t-0";
	world_put(world, &below);
	world_put(world, &root);
	assert_null(world_by_name(world, "Northwind"));
	assert_null(world_by_name(world, "Distributor"));
	assert_null(world_by_customer(world, "D"));
	world_free(world);
}

/* By hand somebody typed a space too many: still the account's tenant, and no second one is made. */
static void test_white_space_does_not_tell_apart(void **state)
{
	static const char *const names[] = {"Northwind GmbH ", " Northwind GmbH", "Northwind  GmbH",
	    "northwind\tGMBH", "Northwind\xc2\xa0GmbH"};
	static const char *const customers[] = {"A 1 ", " A 1", "A  1", "A\t1", "A\302\2401"};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(names); i++) {
		struct world *world = world_new(CLOUD_PARENT);
		struct acronis_tenant a = tenant("t-1", names[i], customers[i], "");
		world_put(world, &a);
		assert_non_null(world_by_name(world, "Northwind GmbH"));
		assert_non_null(world_by_customer(world, "A 1"));
		assert_null(world_by_customer(world, "A1"));
		assert_null(world_by_customer(world, "a 1"));
		assert_false(tenant_names_another(&a, "A 1"));
		assert_true(tenant_names_another(&a, "A1"));
		assert_string_equal(world_by_id(world, "t-1")->name, names[i]); /* kept as it is */
		a.name = a.customer_id = " ";
		world_put(world, &a);
		assert_null(world_by_customer(world, " "));
		assert_null(world_by_name(world, "Northwind GmbH"));
		assert_false(tenant_names_another(&a, "A 1"));
		world_free(world);
	}
}

/* A reseller gives its customers ids of its own: they say nothing about our accounts. */
static void test_customer_ids_count_only_of_our_partners(void **state)
{
	struct world *world = world_new(CLOUD_PARENT);
	struct acronis_tenant t = tenant("t-1", "Reseller", "A1", "");

	(void)state;
	world_put(world, &t);
	t = tenant("t-2", "Its reseller", "A2", "");
	t.parent_id = "t-1";
	world_put(world, &t);
	t = tenant("t-3", "Its customer", "A3", "");
	t.parent_id = "t-1";
	t.kind = "customer";
	world_put(world, &t);
	t = tenant("t-4", "Our own customer", "A4", "");
	t.kind = "customer";
	world_put(world, &t);
	t = tenant("f-1", "Folder", "", "");
	t.kind = "folder";
	world_put(world, &t);
	t = tenant("f-2", "Folder in it", "", "");
	t.kind = "folder";
	t.parent_id = "f-1";
	world_put(world, &t);
	t = tenant("t-5", "Reseller in folders", "A5", "");
	t.parent_id = "f-2";
	world_put(world, &t);
	t = tenant("f-3", "Ring", "", "");
	t.kind = "folder";
	t.parent_id = "f-3";
	world_put(world, &t);
	t = tenant("t-6", "Reseller in a ring", "A6", "");
	t.parent_id = "f-3";
	world_put(world, &t);
	assert_non_null(world_by_customer(world, "A1"));
	assert_null(world_by_customer(world, "A2"));
	assert_null(world_by_customer(world, "A3"));
	assert_null(world_by_customer(world, "A4"));
	assert_non_null(world_by_customer(world, "A5"));
	assert_null(world_by_customer(world, "A6"));
	world_free(world);
}

static void test_many(void **state)
{
	struct world *world = world_new(CLOUD_PARENT);
	char id[40], name[40], customer[40], tag[40];

	(void)state;
	for (int round = 0; round < 2; round++) {
		for (int i = 0; i < 5000; i++) {
			snprintf(id, sizeof id, "t-%d", i);
			snprintf(name, sizeof name, "Name %d of %d", i, round);
			snprintf(customer, sizeof customer, "A%d", i);
			snprintf(tag, sizeof tag, "main/%d", i);
			struct acronis_tenant t = tenant(id, name, customer, tag);
			world_put(world, &t);
		}
	}
	assert_int_equal(world_count(world), 5000);
	for (int i = 0; i < 5000; i += 7) {
		snprintf(name, sizeof name, "name %d OF 1", i);
		snprintf(tag, sizeof tag, "main/%d", i);
		assert_ptr_equal(world_by_name(world, name), world_by_tag(world, tag));
	}
	world_free(world);
}

static void test_children_that_a_list_lacks(void **state)
{
	struct world *world = world_new(CLOUD_PARENT);
	struct acronis_tenant a = tenant("t-1", "A", "A1", ""), b = tenant("t-2", "B", "A2", ""),
			      deep = tenant("t-3", "C", "A3", ""), dead = tenant("t-4", "D", "A4", "");
	struct id_set ids = {0};

	(void)state;
	deep.parent_id = "t-1";
	dead.deleted_at = "2026-01-01T00:00:00";
	world_put(world, &a);
	world_put(world, &deep);
	world_put(world, &dead);
	uint64_t mark = world_mark(world);
	world_put(world, &b);
	assert_string_equal(world_child_not_in(world, mark, &ids)->id, "t-1");
	id_set_add(&ids, "T-1");
	assert_null(world_child_not_in(world, mark, &ids)); /* t-2 came after the mark */
	a.version = 2;
	world_put(world, &a); /* and t-1 was there before it, changed or not */
	assert_null(world_child_not_in(world, mark, &ids));
	assert_string_equal(world_child_not_in(world, world_mark(world), &ids)->id, "t-2");
	id_set_free(&ids);
	assert_string_equal(world_child_not_in(world, mark, &ids)->id, "t-1");
	assert_int_equal(world_listed(world), 2);
	world_free(world);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_found_by_id_tag_customer_and_name),
	    cmocka_unit_test(test_newer_reading_replaces),
	    cmocka_unit_test(test_live_before_deleted),
	    cmocka_unit_test(test_names_count_only_directly_below_the_parent),
	    cmocka_unit_test(test_white_space_does_not_tell_apart),
	    cmocka_unit_test(test_customer_ids_count_only_of_our_partners),
	    cmocka_unit_test(test_many),
	    cmocka_unit_test(test_children_that_a_list_lacks),
	};

	return cmocka_run_group_tests_name("world", tests, NULL, NULL);
}
