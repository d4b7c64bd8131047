/* Observations on disk: the same state gives the same bytes, and what was unread stays unread. */
#include "reconcile_fixture.h"

#include <dirent.h>
#include <sys/stat.h>
#include <unistd.h>

#include "tenantry/atomic_file.h"

struct folder {
	char path[64], file[128];
	struct error err;
	char digest[DIGEST_TEXT_SIZE];
};

static int setup(void **state)
{
	struct folder *f = mem_zalloc(sizeof *f);

	snprintf(f->path, sizeof f->path, "/tmp/tenantry-snapshot-XXXXXX");
	assert_non_null(mkdtemp(f->path));
	*state = f;
	return 0;
}

static int teardown(void **state)
{
	struct folder *f = *state;
	DIR *dir = opendir(f->path);

	for (struct dirent *entry; (entry = readdir(dir)) != NULL;) {
		char *path = mem_printf("%s/%s", f->path, entry->d_name);
		if (entry->d_name[0] != '.')
			assert_int_equal(unlink(path), 0);
		free(path);
	}
	closedir(dir);
	assert_int_equal(rmdir(f->path), 0);
	free(f);
	return 0;
}

static const char *in(struct folder *f, const char *name)
{
	snprintf(f->file, sizeof f->file, "%s/%s", f->path, name);
	return f->file;
}

static void put(struct folder *f, const char *name, const char *text)
{
	assert_int_equal(atomic_file_put(in(f, name), strv_of(text), &f->err), 0);
}

static struct observation *written_and_read(
    struct folder *f, const struct observation *observation, const char *name)
{
	assert_int_equal(observation_write(observation, in(f, name), f->digest, &f->err), 0);
	struct observation *read = observation_read(in(f, name), &f->err);
	if (!read)
		fail_msg("%s", f->err.text);
	return read;
}

/* Every kind of cell: whole, unread, read without a value, unreadable, deleted, gone, names that need quotes.
 */
static void fill(struct night *n)
{
	struct observed_tenant *t = acronis(n, 3, "1042", 0);

	t->name = "Two\nLines, \"quoted\" GmbH";
	t->internal_tag = " main/OI-1 ";
	t->updated_at = "2026-11-20T18:25:16";
	t->login = "admin@example.com";
	t->login_read = true;
	t = acronis(n, 1, "", -2);
	t->enabled = false;
	t->has_tier = false;
	t->licensing_mode = "";
	t->currency = "";
	t->login_read = true;
	t = acronis(n, 2, "=cmd", 7);
	t->tier_read = t->pricing_read = t->licensing_read = false;
	t->deleted_at = "2026-11-21T00:00:00Z";
	t = observation_add(n->observation);
	t->id = tenant_id(n, 4);
	t->unreadable = true;
	t = observation_add(n->observation);
	t->id = tenant_id(n, 5);
	t->gone = true;
}

static void assert_same(const struct observed_tenant *a, const struct observed_tenant *b)
{
	assert_string_equal(a->id, b->id);
	assert_string_equal(a->parent_id, b->parent_id);
	assert_string_equal(a->customer_id, b->customer_id);
	assert_string_equal(a->internal_tag, b->internal_tag);
	assert_string_equal(a->name, b->name);
	assert_string_equal(a->kind, b->kind);
	assert_string_equal(a->updated_at, b->updated_at);
	assert_string_equal(a->deleted_at, b->deleted_at);
	assert_int_equal(a->enabled, b->enabled);
	assert_int_equal(a->unreadable, b->unreadable);
	assert_int_equal(a->gone, b->gone);
	assert_int_equal(a->tier_read, b->tier_read);
	assert_int_equal(a->tier_read && a->has_tier, b->has_tier);
	assert_true(!b->has_tier || a->tier_value == b->tier_value);
	assert_int_equal(a->licensing_read, b->licensing_read);
	assert_string_equal(a->licensing_read ? a->licensing_mode : "", b->licensing_mode);
	assert_int_equal(a->pricing_read, b->pricing_read);
	assert_string_equal(a->pricing_read ? a->pricing_mode : "", b->pricing_mode);
	assert_string_equal(a->pricing_read ? a->currency : "", b->currency);
	assert_int_equal(a->login_read, b->login_read);
	assert_string_equal(a->login_read ? a->login : "", b->login);
}

static void test_everything_comes_back(void **state)
{
	static const char *const names[] = {"tenants.csv", "tenants.csv.zst"};
	struct folder *f = *state;

	for (size_t i = 0; i < ARRAY_LEN(names); i++) {
		struct night *n = night_new();
		fill(n);
		struct observation *read = written_and_read(f, n->observation, names[i]);
		/* The caller's order is untouched; the file is by id. */
		assert_string_equal(n->observation->items[0].id, tenant_id(n, 3));
		observation_sort(n->observation);
		assert_int_equal(read->count, n->observation->count);
		for (size_t t = 0; t < read->count; t++)
			assert_same(&n->observation->items[t], &read->items[t]);
		assert_true(read->complete);
		assert_int_equal(
		    read->unread, 1); /* the one without an answer; the deleted one has nothing to read */
		assert_int_equal(read->logins_read, 2);
		assert_string_equal(read->parent, "");
		assert_string_equal(read->source, in(f, names[i]));
		assert_true(read->taken_at > 0);
		observation_free(read);
		night_free(n);
	}
}

static char *bytes_of(struct folder *f, const char *name, size_t *n)
{
	char *bytes = file_read_all(in(f, name), 1 << 20, n, &f->err);

	assert_non_null(bytes);
	return bytes;
}

static void test_same_state_same_bytes(void **state)
{
	struct folder *f = *state;
	struct night *n = night_new();
	char first[DIGEST_TEXT_SIZE];
	size_t a_size, b_size, text_size;

	fill(n);
	assert_int_equal(observation_write(n->observation, in(f, "a.csv.zst"), first, &f->err), 0);
	struct observed_tenant kept = n->observation->items[0];
	n->observation->items[0] = n->observation->items[3];
	n->observation->items[3] = kept;
	assert_int_equal(observation_write(n->observation, in(f, "b.csv.zst"), f->digest, &f->err), 0);
	assert_string_equal(first, f->digest);
	char *a = bytes_of(f, "a.csv.zst", &a_size), *b = bytes_of(f, "b.csv.zst", &b_size);
	assert_int_equal(a_size, b_size);
	assert_memory_equal(a, b, a_size);
	/* The digest is of the text, whatever holds it. */
	assert_int_equal(observation_write(n->observation, in(f, "c.csv"), f->digest, &f->err), 0);
	assert_string_equal(first, f->digest);
	char *text = bytes_of(f, "c.csv", &text_size), of_text[DIGEST_TEXT_SIZE];
	assert_string_equal(digest_text(digest_of((struct strv){text, text_size}), of_text), first);
	assert_memory_equal(text,
	    "Tenant Id,Parent Id,Customer Id,Internal Tag,Name,Kind,Enabled,Tier Value,Licensing Mode,Currency,Pricing "
	    "Mode,Login,Updated At,Deleted At\n",
	    136);
	struct stat st;
	assert_int_equal(stat(in(f, "c.csv"), &st), 0);
	assert_int_equal(st.st_mode & 0777, 0600);
	free(a);
	free(b);
	free(text);
	night_free(n);
}

static void test_large_one_is_streamed(void **state)
{
	struct folder *f = *state;
	struct night *n = night_new();

	for (int i = 0; i < 20000; i++)
		acronis(n, i, "1042", i % 8);
	struct observation *read = written_and_read(f, n->observation, "large.csv.zst");
	assert_int_equal(read->count, 20000);
	for (size_t t = 0; t < read->count; t += 997)
		assert_same(&n->observation->items[t], &read->items[t]);
	observation_free(read);
	night_free(n);
}

static void test_hand_made_file(void **state)
{
	struct folder *f = *state;

	put(f, "t.csv",
	    "\xef\xbb\xbf"
	    "tenant_id;CUSTOMER ID;Name;Enabled;Tier-Value;Pricing Mode;Remark\r\n"
	    "00000000-0000-4000-8000-00000000000A;1042;Northwind;yes;0;production;x\r\n");
	struct observation *read = observation_read(in(f, "t.csv"), &f->err);
	assert_non_null(read);
	assert_int_equal(read->count, 1);
	assert_string_equal(read->items[0].id, "00000000-0000-4000-8000-00000000000a");
	assert_true(read->items[0].enabled && read->items[0].has_tier && read->items[0].pricing_read);
	assert_true(read->without_currency && read->without_licensing);
	assert_int_equal(read->unread, 0);
	observation_free(read);
}

static void assert_refused(struct folder *f, const char *row, const char *field, const char *text)
{
	char *content = mem_printf("Tenant Id,Customer Id,Name,Enabled,Tier Value,Pricing Mode\n"
				   "00000000-0000-4000-8000-000000000001,1,A,true,0,production\n%s\n",
	    row);

	put(f, "bad.csv", content);
	free(content);
	error_clear(&f->err);
	assert_null(observation_read(in(f, "bad.csv"), &f->err));
	assert_int_equal(f->err.code, ERR_SOURCE);
	assert_int_equal(f->err.line, 3);
	assert_string_equal(f->err.field, field);
	assert_non_null(strstr(f->err.text, text));
	error_clear(&f->err);
}

static void test_bad_rows_are_named(void **state)
{
	struct folder *f = *state;

	assert_refused(f, "12,2,B,true,0,production", "Tenant Id", "\"12\" is not a tenant id");
	assert_refused(
	    f, "00000000-0000-4000-8000-000000000001,2,B,true,0,production", "Tenant Id", "already");
	assert_refused(f, "00000000-0000-4000-8000-000000000002,2,B,perhaps,0,production", "Enabled",
	    "\"perhaps\" is not true or false");
	assert_refused(f, "00000000-0000-4000-8000-000000000002,2,B,true,0.5,production", "Tier Value",
	    "\"0.5\" is not a tier_level_value");
	assert_refused(f, "00000000-0000-4000-8000-000000000002,2,B,true,99999999999999999999,production",
	    "Tier Value", "is not");
	assert_refused(f, "00000000-0000-4000-8000-000000000002,2,\"B", "", "");
	assert_refused(f, "00000000-0000-4000-8000-000000000002,2", "", "");
}

static void test_bad_files(void **state)
{
	struct folder *f = *state;

	assert_null(observation_read(in(f, "absent.csv"), &f->err));
	assert_int_equal(f->err.code, ERR_SOURCE);
	error_clear(&f->err);
	assert_null(observation_read(in(f, "absent.csv.zst"), &f->err));
	assert_int_equal(f->err.code, ERR_SOURCE);
	error_clear(&f->err);
	put(f, "text.csv.zst", "Tenant Id,Name\n");
	assert_null(observation_read(in(f, "text.csv.zst"), &f->err));
	assert_int_equal(f->err.code, ERR_SOURCE);
	error_clear(&f->err);
	put(f, "columns.csv", "Tenant Id,Name\n");
	assert_null(observation_read(in(f, "columns.csv"), &f->err));
	assert_non_null(strstr(f->err.text, "Customer Id"));
	error_clear(&f->err);
	struct night *n = night_new();
	assert_int_equal(
	    observation_write(n->observation, in(f, "no/such/folder.csv"), f->digest, &f->err), -1);
	assert_int_equal(f->err.code, ERR_OUTPUT);
	error_clear(&f->err);
	night_free(n);
}

static void test_cut_file_is_no_shorter_list(void **state)
{
	struct folder *f = *state;
	struct night *n = night_new();
	size_t size;

	for (int i = 0; i < 500; i++)
		acronis(n, i, "1042", i % 8);
	assert_int_equal(observation_write(n->observation, in(f, "cut.csv.zst"), f->digest, &f->err), 0);
	char *bytes = bytes_of(f, "cut.csv.zst", &size);
	/* Every length short of the whole, the empty file too. */
	for (size_t length = 0; length < size; length += length < 16 ? 1 : 97) {
		assert_int_equal(
		    atomic_file_put(in(f, "cut.csv.zst"), (struct strv){bytes, length}, &f->err), 0);
		assert_null(observation_read(in(f, "cut.csv.zst"), &f->err));
		assert_int_equal(f->err.code, ERR_SOURCE);
		error_clear(&f->err);
	}
	free(bytes);
	night_free(n);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test_setup_teardown(test_everything_comes_back, setup, teardown),
	    cmocka_unit_test_setup_teardown(test_same_state_same_bytes, setup, teardown),
	    cmocka_unit_test_setup_teardown(test_large_one_is_streamed, setup, teardown),
	    cmocka_unit_test_setup_teardown(test_hand_made_file, setup, teardown),
	    cmocka_unit_test_setup_teardown(test_bad_rows_are_named, setup, teardown),
	    cmocka_unit_test_setup_teardown(test_bad_files, setup, teardown),
	    cmocka_unit_test_setup_teardown(test_cut_file_is_no_shorter_list, setup, teardown),
	};
	return cmocka_run_group_tests_name("snapshot", tests, NULL, NULL);
}
