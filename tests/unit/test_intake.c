/* The intake as a whole: what appears in accepted.csv and rejected.csv, counts that close, several files,
 * rules about the whole intake, and files that cannot be taken in. */
#include <signal.h>

#include "intake_fixture.h"

#define HEADER                                                                                                    \
	"Order Id,Order Item Id,Order Status,Action,Account Id,Account,Is Reseller,Tier,Quantity,Currency,Email," \
	"Address 1,City,Post Code,Country Code,Terms Accepted,Sales Rep\n"
/* An order: id, item, status, account, mail, note. */
#define ROW(id, item, status, account, mail, rep)                                                            \
	id "," item "," status ",new," account ",Acme " account ",true,Tier 1,1,EUR," mail                   \
	   "@example.com,1 High Street,Leeds,LS1,"                                                           \
	   "GB,yes," rep "\n"
#define GOOD(n) ROW("ORD-" n, "OI-" n, "Submitted", "A" n, "m" n, "")

struct outcome {
	struct intake_result result;
	struct error err;
	int rc;
};

static struct outcome run_with(struct fixture *f, struct intake intake)
{
	struct outcome o = {0};

	intake.job = f->job;
	intake.folder = f->folder;
	o.rc = intake_run(&intake, f->arena, &o.result, &o.err);
	if (o.rc == 0)
		assert_int_equal(o.result.counts.read,
		    o.result.counts.accepted + o.result.counts.rejected + o.result.counts.ignored);
	return o;
}

static struct outcome run(struct fixture *f)
{
	struct outcome o = run_with(f, (struct intake){0});

	if (o.rc < 0)
		error_print(&o.err, stderr, true);
	assert_int_equal(o.rc, 0);
	return o;
}

static void counts_are(const struct outcome *o, uint64_t accepted, uint64_t rejected, uint64_t ignored)
{
	assert_int_equal(o->result.counts.accepted, accepted);
	assert_int_equal(o->result.counts.rejected, rejected);
	assert_int_equal(o->result.counts.ignored, ignored);
}

/* How often `part` stands in `text`. */
static size_t times(const char *text, const char *part)
{
	size_t n = 0;

	for (const char *at = text; (at = strstr(at, part)) != NULL; at += strlen(part))
		n++;
	return n;
}

static void keeps_the_input(void **state)
{
	struct fixture *f = *state;

	put(f, "orders.csv",
	    HEADER GOOD("1") ROW("ORD-2", "OI-2", "Draft", "A2", "m2",
		"") "ORD-3,OI-3,Submitted,new,A3,\"Acme, \"\"Three\"\"\",true,Tier 1,2,GBD,m3@example.com,\"1 High Street\nFloor 2\",Leeds,LS1,GB,yes,Ann\n"
		    "ORD-4,OI-4,Submitted,new,A4,\"Acme, 4\",true,Tier 1,1,GBD,m4@example.com,1 High Street,Leeds,LS1,GB,yes,Bob\n");
	struct outcome o = run(f);
	counts_are(&o, 2, 1, 1);
	assert_int_equal(o.result.counts.by_ignored[IGNORED_STATUS], 1);
	assert_int_equal(o.result.counts.by_warning[WARNING_CURRENCY_ALIAS], 1);
	assert_string_equal(get(f, "accepted.csv"),
	    "Order Id,Order Item Id,Order Status,Action,Account Id,Account,Is Reseller,Tier,Quantity,Currency,Email,Address 1,City,"
	    "Post Code,Country Code,Terms Accepted,Sales Rep,Source File,Source Line,Warnings\n"
	    "ORD-1,OI-1,Submitted,new,A1,Acme A1,true,Tier 1,1,EUR,m1@example.com,1 High Street,Leeds,LS1,GB,yes,,orders.csv,2,\n"
	    "ORD-4,OI-4,Submitted,new,A4,\"Acme, 4\",true,Tier 1,1,GBD,m4@example.com,1 High Street,Leeds,LS1,GB,yes,Bob,orders.csv,6,"
	    "currency-alias\n");
	const char *rejected = get(f, "rejected.csv");
	assert_non_null(strstr(rejected, ",Sales Rep,Source File,Source Line,Codes,Reasons\n"));
	assert_non_null(strstr(rejected,
	    "ORD-3,OI-3,Submitted,new,A3,\"Acme, \"\"Three\"\"\",true,Tier 1,2,GBD,m3@example.com,"
	    "\"1 High Street\nFloor 2\",Leeds,LS1,GB,yes,Ann,orders.csv,4,quantity-not-one,"
	    "\"quantity-not-one: Quantity is \"\"2\"\"; must be exactly 1 for a contract\"\n"));
}

static void keeps_bad_rows(void **state)
{
	struct fixture *f = *state;
	struct strbuf file = {0};

	strbuf_adds(&file, HEADER GOOD("1") "ORD-2,only three,fields\n");
	strbuf_adds(&file, "ORD-3,OI-3,\"broken\"quote\n" GOOD("4"));
	strbuf_add(&file, "ORD-5,\0,\xff,x\n", 12);
	strbuf_adds(&file, GOOD("6") "ORD-7,\"open,,,\nORD-8,short\n");
	put_bytes(f, "orders.csv", file.p, file.n);
	strbuf_free(&file);
	struct outcome o = run(f);
	counts_are(&o, 3, 5, 0);
	assert_int_equal(o.result.counts.by_rule[RULE_ROW_MALFORMED], 5);
	const char *rejected = get(f, "rejected.csv");
	assert_int_equal(strv_bad_utf8(strv_of(rejected)), -1);
	assert_non_null(strstr(rejected,
	    ",,,,,,,,,,,,,,,,,orders.csv,3,row-malformed,\"row-malformed: 3 fields where the header has 17"
	    "; the line is: ORD-2,only three,fields\"\n"));
	assert_non_null(strstr(rejected,
	    "orders.csv,4,row-malformed,\"row-malformed: field 3 (Order Status): text after its closing "
	    "quote; the line is: ORD-3,OI-3,\"\"broken\"\"quote\"\n"));
	assert_non_null(strstr(rejected, "the line is: ORD-5,\xef\xbf\xbd,\xef\xbf\xbd,x"));
	assert_non_null(
	    strstr(rejected, "not closed before the end of the file; the line is: ORD-7,\"\"open,,,\"\n"));
	assert_non_null(strstr(rejected, "the line is: ORD-8,short"));
}

static void takes_rejections_back(void **state)
{
	struct fixture *f = *state;

	put(f, "orders.csv", HEADER GOOD("1") ROW("ORD-2", "OI-2", "Odd", "A2", "m2", "x") "broken\n");
	struct outcome o = run(f);
	counts_are(&o, 1, 2, 0);
	const char *first = get(f, "rejected.csv");
	assert_int_equal(rename(in_folder(f, "rejected.csv"), in_folder(f, "again.csv")), 0);
	f->job->bss.orders.csv = in_folder(f, "again.csv");
	o = run(f);
	counts_are(&o, 0, 2, 0);
	const char *again = get(f, "rejected.csv");
	/* The columns that were added are there once, with this file's places. */
	assert_int_equal(times(again, "Source File"), 1);
	assert_int_equal(strcspn(first, "\n"), strcspn(again, "\n"));
	assert_non_null(strstr(again,
	    "ORD-2,OI-2,Odd,new,A2,Acme A2,true,Tier 1,1,EUR,m2@example.com,1 High Street,Leeds,LS1,GB,yes,x,"
	    "again.csv,2,status-unknown,"));
}

static void unites_columns(void **state)
{
	struct fixture *f = *state;

	put(f, "orders-a.csv", HEADER GOOD("1"));
	put(f, "orders-b.csv",
	    "order_id;Order-Item-Id;Account Id;Account;Is Reseller;Product Code;Quantity;Currency;E-Mail;Address 1;City;"
	    "Post Code;Country Code;Terms Accepted;Note\n"
	    "ORD-9;OI-9;A9;Nine;1;CCSP-T2;1;EUR;m9@example.com;1 High Street;\"Leeds; North\";LS1;GB;yes;a,b\n");
	f->job->bss.orders.csv = in_folder(f, "orders-*.csv");
	f->job->bss.csv.columns = &(struct text_pair){"E-Mail", "Email"};
	f->job->bss.csv.column_count = 1;
	struct outcome o = run(f);
	counts_are(&o, 2, 0, 0);
	assert_int_equal(o.result.file_count, 2);
	assert_string_equal(o.result.files[1].path, "orders-b.csv");
	assert_int_equal(o.result.files[1].rows, 1);
	assert_int_equal(strlen(o.result.files[1].digest), 32);
	const char *accepted = get(f, "accepted.csv");
	assert_non_null(strstr(
	    accepted, ",Terms Accepted,Sales Rep,Product Code,Note,Source File,Source Line,Warnings\n"));
	assert_non_null(strstr(accepted, "GB,yes,,,,orders-a.csv,2,\n"));
	assert_non_null(strstr(accepted,
	    "ORD-9,OI-9,,,A9,Nine,1,,1,EUR,m9@example.com,1 High Street,Leeds; North,LS1,GB,yes,,CCSP-T2,"
	    "\"a,b\",orders-b.csv,2,\n"));
}

static void writes_as_asked(void **state)
{
	struct fixture *f = *state;

	put(f, "orders.csv", HEADER GOOD("1") ROW("ORD-2", "OI-2", "", "A2", "m2", "x;y"));
	f->job->report.csv_delimiter = ';';
	f->job->report.csv_bom = true;
	run(f);
	const char *accepted = get(f, "accepted.csv");
	assert_memory_equal(accepted, "\xef\xbb\xbfOrder Id;Order Item Id;", 26);
	assert_non_null(strstr(accepted, "GB;yes;\"x;y\";orders.csv;3;\n"));
}

static void knows_a_file_twice(void **state)
{
	struct fixture *f = *state;

	put(f, "orders-a.csv", HEADER GOOD("1"));
	put(f, "orders-b.csv", HEADER GOOD("1"));
	put(f, "orders-d.csv", HEADER GOOD("2"));
	assert_int_equal(symlink(in_folder(f, "orders-a.csv"), in_folder(f, "orders-c.csv")), 0);
	f->job->bss.orders.csv = in_folder(f, "orders-*.csv");
	struct outcome o = run(f);
	counts_are(&o, 2, 0, 0);
	assert_string_equal(o.result.files[0].note, "");
	assert_string_equal(o.result.files[1].note, "same content as orders-a.csv: not read again");
	assert_string_equal(o.result.files[2].note, "same file as orders-a.csv: not read again");
	assert_string_equal(o.result.files[3].note, "");
	assert_int_equal(o.result.files[1].rows, 0);
}

static void finds_repeats(void **state)
{
	struct fixture *f = *state;

	put(f, "orders-a.csv", HEADER GOOD("1") GOOD("2") GOOD("1") GOOD("3"));
	put(f, "orders-b.csv",
	    HEADER ROW("ORD-2", "OI-2", "Submitted", "A2", "m2", "")
		ROW("ORD-3", "OI-3", "Submitted", "A3", "other", "") ROW("ORD-3", "OI-3", "Submitted", "A3",
		    "other", "") " ORD-1 ,OI-1,Submitted,new,A1,Acme A1,true,Tier 1,1,EUR,m1@example.com,"
				 "1 High Street,Leeds,LS1,GB,yes,unknown columns do not count\n");
	f->job->bss.orders.csv = in_folder(f, "orders-*.csv");
	struct outcome o = run(f);
	counts_are(&o, 2, 2, 4);
	assert_int_equal(o.result.counts.by_ignored[IGNORED_REPEATED], 4);
	assert_int_equal(o.result.counts.by_rule[RULE_ORDER_DUPLICATE], 2);
	const char *rejected = get(f, "rejected.csv");
	assert_non_null(strstr(rejected,
	    "m3@example.com,1 High Street,Leeds,LS1,GB,yes,,orders-a.csv,5,order-duplicate,order-duplicate: "
	    "the same order item stands with other content in orders-b.csv:3; keep the right one\n"));
	assert_non_null(strstr(rejected,
	    "other@example.com,1 High Street,Leeds,LS1,GB,yes,,orders-b.csv,3,order-duplicate,order-duplicate: "
	    "the same order item stands with other content in orders-a.csv:5; keep the right one\n"));
}

#define DATED(order, item, account, date, city, parent)                                                      \
	order "," item "," date ",Submitted,new," account ",Acme,true,Tier 1,1,EUR,m" account                \
	      "@example.com,1 High Street," city ",LS1,GB,yes," parent "\n"

/* One id of two accounts, one item in two orders: what is one, and who is told what. */
static void one_id_twice(void **state)
{
	static const char header[] =
	    "Order Id,Order Item Id,Order Date,Order Status,Action,Account Id,Account,Is Reseller,Tier,"
	    "Quantity,Currency,Email,Address 1,City,Post Code,Country Code,Terms Accepted,Parent Order Id\n";
	struct fixture *f = *state;

	put(f, "orders.csv",
	    arena_printf(f->arena, "%s%s", header,
		DATED("O-1", "1", "A1", "2026-11-18", "Leeds", "")
		    DATED("O-2", "1", "A2", "2026-11-18", "Leeds", "")));
	struct outcome o = run(f);
	counts_are(&o, 0, 2, 0);
	assert_int_equal(o.result.counts.by_rule[RULE_ORDER_DUPLICATE], 2);
	assert_non_null(strstr(get(f, "rejected.csv"),
	    "orders.csv:3, there of another order or account: each item needs an id of its own (ids that are "
	    "unique within their order only: bss.order_key: order_item)"));

	f->job->bss.order_key = ORDER_KEY_ORDER_ITEM;
	o = run(f);
	counts_are(&o, 2, 0, 0);

	/* The same item in a sub-order, by its date; not by its date where that is not its only id, but by
	 * its parent; and never with other content. */
	f->job->bss.order_key = ORDER_KEY_ITEM;
	put(f, "orders.csv",
	    arena_printf(f->arena, "%s%s", header,
		DATED("O-1", "OI-1", "A1", "2026-11-18", "Leeds", "") DATED("O-2", "OI-1", "A1", "2026-11-18",
		    "Leeds", "") DATED("O-3", "OI-3", "A3", "2026-11-18", "Leeds", "") DATED("O-4", "OI-3",
		    "A3", "2026-11-18", "York", "") DATED("O-5", "OI-5", "A5", "", "Leeds", "")
		    DATED("O-6", "OI-5", "A5", "", "Leeds", "") DATED("O-7", "OI-7", "A7", "", "Leeds", "")
			DATED("O-8", "OI-7", "A7", "", "Leeds", "O-7")));
	o = run(f);
	counts_are(&o, 2, 4, 2);
	assert_int_equal(o.result.counts.by_ignored[IGNORED_REPEATED], 2);
	assert_int_equal(o.result.counts.by_rule[RULE_ORDER_DUPLICATE], 4);
	f->job->bss.order_key = ORDER_KEY_ORDER_ITEM;
	put(f, "orders.csv",
	    arena_printf(f->arena, "%s%s", header,
		DATED("O-1", "1", "A1", "2026-11-18", "Leeds", "")
		    DATED("O-2", "1", "A1", "2026-11-18", "Leeds", "O-1")));
	o = run(f);
	counts_are(&o, 1, 0, 1);
}

static void an_ignored_row_is_other_content(void **state)
{
	struct fixture *f = *state;

	put(f, "orders.csv",
	    HEADER GOOD("1") ROW("ORD-1", "OI-1", "Executed", "A1", "m1", "")
		ROW("ORD-2", "", "Executed", "A2", "m2", "") ROW("ORD-2", "", "Executed", "A2", "m2", "")
		    ROW("", "", "Submitted", "A4", "m4", "") ROW("", "", "Submitted", "A5", "m5", ""));
	struct outcome o = run(f);
	counts_are(&o, 0, 3, 3);
	assert_int_equal(o.result.counts.by_rule[RULE_ORDER_DUPLICATE], 1);
	assert_int_equal(o.result.counts.by_rule[RULE_ORDER_ID_MISSING], 2);
	assert_int_equal(o.result.counts.by_ignored[IGNORED_STATUS], 3);
}

/* Repeats far apart, in a file of many blocks, with multi-line fields before them; also by the way without
 * blocks. */
static void finds_far_repeats(void **state)
{
	struct fixture *f = *state;
	struct strbuf file = {0};

	for (int encoding = 0; encoding < 2; encoding++) {
		strbuf_clear(&file);
		strbuf_adds(&file, HEADER);
		for (int i = 0; i < 3000; i++) {
			int id = i == 2900 ? 100 : i == 2950 ? 200 : i;
			strbuf_addf(&file,
			    "ORD-%d,OI-%d,Submitted,new,A%d,\"Acme\n%d\",true,Tier 1,1,EUR,m%d@example.com,1 High Street,Leeds,LS1,GB,"
			    "yes,\n",
			    id, id, id, id, i == 2950 ? 9999 : id);
		}
		put_bytes(f, "orders.csv", file.p, file.n);
		f->job->bss.csv.encoding = encoding ? ENCODING_WINDOWS_1252 : ENCODING_UTF8;
		struct outcome o = run(f);
		counts_are(&o, 2997, 2, 1);
		assert_non_null(strstr(get(f, "rejected.csv"),
		    "orders.csv,402,order-duplicate,order-duplicate: the same order item stands "
		    "with other content in orders.csv:5902"));
	}
	strbuf_free(&file);
}

static int deny_twos(void *user, const struct order_item *item, struct error *err)
{
	unsigned *accepted = user;

	++*accepted;
	if (strcmp(item->order_id, "ORD-2") == 0)
		return error_set(err, ERR_LEDGER, "no twos");
	return 0;
}

static int knows_some(void *user, const struct order *order, struct known_order *known, struct error *err)
{
	(void)user;
	(void)err;
	assert_int_equal(order->action, ACTION_NEW);
	known->ignored = strv_eq(order->key, STRV("OI-2")) || strv_eq(order->key, STRV("OI-3"));
	known->reason = strv_eq(order->key, STRV("OI-2")) ? IGNORED_PARKED : IGNORED_ALREADY_DONE;
	if (strv_eq(order->key, STRV("OI-3")))
		known->warnings = RULE_BIT(WARNING_CHANGED_AFTER_DONE);
	return 0;
}

static int cannot_know(void *user, const struct order *order, struct known_order *known, struct error *err)
{
	(void)user;
	(void)order;
	(void)known;
	return error_set(err, ERR_LEDGER, "the ledger failed");
}

/* Taking an order that is done already for a new one would be worse than taking none. */
static void ends_when_the_ledger_fails(void **state)
{
	struct fixture *f = *state;

	put(f, "orders.csv", HEADER GOOD("1") GOOD("2"));
	struct outcome o = run_with(f, (struct intake){.known = cannot_know});

	assert_int_equal(o.rc, -1);
	assert_int_equal(o.err.code, ERR_LEDGER);
	assert_false(exists(f, "accepted.csv"));
}

static void asks_the_ledger(void **state)
{
	struct fixture *f = *state;
	unsigned accepted = 0;

	put(f, "orders.csv", HEADER GOOD("1") GOOD("2") GOOD("3") GOOD("4") GOOD("5"));
	struct outcome o = run_with(f, (struct intake){.known = knows_some, .limit = 2});
	counts_are(&o, 2, 0, 3);
	assert_int_equal(o.result.counts.by_ignored[IGNORED_PARKED], 1);
	assert_int_equal(o.result.counts.by_ignored[IGNORED_ALREADY_DONE], 1);
	assert_int_equal(o.result.counts.by_ignored[IGNORED_LIMIT], 1);
	assert_int_equal(o.result.counts.by_warning[WARNING_CHANGED_AFTER_DONE], 1);

	assert_int_equal(unlink(in_folder(f, "accepted.csv")), 0);
	assert_int_equal(unlink(in_folder(f, "rejected.csv")), 0);
	o = run_with(f, (struct intake){.accepted = deny_twos, .user = &accepted});
	assert_int_equal(o.rc, -1);
	assert_int_equal(o.err.code, ERR_LEDGER);
	assert_int_equal(accepted, 2);
	assert_false(exists(f, "accepted.csv"));
	assert_false(exists(f, "rejected.csv"));
}

/* The file changes while it is read: in place, by one more row, by another file of its name. */
static int append_row(void *user, const struct order_item *item, struct error *err)
{
	struct fixture *f = user;
	FILE *file = fopen(in_folder(f, "orders.csv"), "ab");

	(void)item;
	(void)err;
	fputs(GOOD("99"), file);
	return fclose(file);
}

static int replace_file(void *user, const struct order_item *item, struct error *err)
{
	struct fixture *f = user;

	(void)item;
	(void)err;
	put(f, "new.csv", HEADER GOOD("1"));
	return rename(in_folder(f, "new.csv"), in_folder(f, "orders.csv"));
}

static void notices_change(void **state)
{
	int (*const changes[])(void *, const struct order_item *, struct error *) = {
	    append_row, replace_file};
	struct fixture *f = *state;

	for (size_t i = 0; i < ARRAY_LEN(changes); i++) {
		put(f, "orders.csv", HEADER GOOD("1"));
		struct outcome o = run_with(f, (struct intake){.accepted = changes[i], .user = f});
		assert_int_equal(o.rc, -1);
		assert_int_equal(o.err.code, ERR_SOURCE);
		assert_non_null(strstr(o.err.text, "changed while it was read"));
		assert_string_not_equal(o.err.hint, "");
		assert_false(exists(f, "accepted.csv"));
		assert_false(exists(f, "rejected.csv"));
	}
}

static void stops(void **state)
{
	struct fixture *f = *state;
	volatile int term = SIGTERM, interrupt = SIGINT;

	put(f, "orders.csv", HEADER GOOD("1"));
	struct outcome o = run_with(f, (struct intake){.stop = &term});
	assert_int_equal(o.err.code, ERR_TERMINATED);
	o = run_with(f, (struct intake){.stop = &interrupt});
	assert_int_equal(o.err.code, ERR_INTERRUPTED);
	assert_false(exists(f, "accepted.csv"));
}

static void count_bytes(void *user, uint64_t done, uint64_t total)
{
	assert_true(done <= total);
	*(uint64_t *)user = total;
}

static void shows_progress(void **state)
{
	struct fixture *f = *state;
	uint64_t total = 0;

	put(f, "orders.csv", HEADER GOOD("1"));
	run_with(f, (struct intake){.progress = count_bytes, .user = &total});
	assert_int_equal(total, 2 * strlen(HEADER GOOD("1")));
}

static void fails(struct fixture *f, enum error_code code, const char *text)
{
	struct outcome o = run_with(f, (struct intake){0});

	assert_int_equal(o.rc, -1);
	if (!strstr(o.err.text, text))
		error_print(&o.err, stderr, true);
	assert_int_equal(o.err.code, code);
	assert_non_null(strstr(o.err.text, text));
	assert_string_not_equal(o.err.hint, "");
	assert_false(exists(f, "accepted.csv"));
	assert_false(exists(f, "rejected.csv"));
}

static void refuses_sources(void **state)
{
	struct fixture *f = *state;

	fails(f, ERR_SOURCE, "No such file");
	put(f, "orders.csv", "");
	fails(f, ERR_SOURCE, "empty: not even a header line");
	put(f, "orders.csv",
	    "Order Id,Account Id,Account,Is Reseller,Tier,Quantity,Currency,Email,Address 1,Post Code,Country Code\n");
	fails(f, ERR_SOURCE, "the header lacks City; it has: Order Id, Account Id,");
	put_bytes(f, "orders.csv", "PK\x03\x04\0\0\0", 7);
	fails(f, ERR_SOURCE, "not a text file");
	f->job->bss.orders.csv = f->folder;
	fails(f, ERR_SOURCE, "directory");
	f->job->bss.orders.csv = in_folder(f, "none-*.csv");
	fails(f, ERR_SOURCE, "no file matches bss.orders");
	/* A database is read through a snapshot; without one it is a mistake of ours. */
	f->job->bss.orders = (struct source_spec){.kind = SOURCE_DATABASE, .database = "pending_orders"};
	assert_int_equal(run_with(f, (struct intake){0}).err.code, ERR_INTERNAL);
}

static void a_header_alone_is_fine(void **state)
{
	struct fixture *f = *state;

	put(f, "orders.csv", HEADER);
	struct outcome o = run(f);
	counts_are(&o, 0, 0, 0);
	assert_true(exists(f, "accepted.csv"));
	assert_int_equal(times(get(f, "rejected.csv"), "\n"), 1);
}

static void needs_its_folder(void **state)
{
	struct fixture *f = *state;
	struct intake intake = {.job = f->job, .folder = in_folder(f, "not/there")};
	struct intake_result result;
	struct error err = {0};

	put(f, "orders.csv", HEADER GOOD("1"));
	assert_int_equal(intake_run(&intake, f->arena, &result, &err), -1);
	assert_int_equal(err.code, ERR_OUTPUT);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
	const struct CMUnitTest tests[] = {TEST(keeps_the_input), TEST(keeps_bad_rows),
	    TEST(takes_rejections_back), TEST(unites_columns), TEST(writes_as_asked),
	    TEST(knows_a_file_twice), TEST(finds_repeats), TEST(one_id_twice),
	    TEST(an_ignored_row_is_other_content), TEST(finds_far_repeats), TEST(asks_the_ledger),
	    TEST(ends_when_the_ledger_fails), TEST(notices_change), TEST(stops), TEST(shows_progress),
	    TEST(refuses_sources), TEST(a_header_alone_is_fine), TEST(needs_its_folder)};

	return cmocka_run_group_tests_name("intake", tests, NULL, NULL);
}
