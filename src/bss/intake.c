/* Intake: passes over the order files. mark (what may occur twice), collect (only when an item does), and the
 * one that judges and writes. Each pass checks that the files are those of the first, and that they stayed
 * what they were. Rules are in src/rules, rules about the whole intake in intake_sets.c, the two result files
 * in intake_output.c. */
#include "tenantry/intake.h"

#include <signal.h>
#include <stdlib.h>

#include "bss/input_files.h"
#include "bss/intake_blocks.h"
#include "bss/intake_output.h"
#include "bss/intake_sets.h"
#include "tenantry/csv.h"
#include "tenantry/mem.h"
#include "tenantry/order_key.h"
#include "tenantry/placeholder.h"

enum { ROWS_BETWEEN_CHECKS = 4096 };

static const struct csv_column order_columns[ORDER_FIELD_COUNT] = {
#define X(id, header, needed) [id] = {header, needed ? CSV_NEEDED : CSV_OPTIONAL},
    ORDER_FIELDS(X)
#undef X
};

struct run {
	const struct intake *intake;
	struct arena *item_arena; /* one accepted item at a time */
	struct rulebook *rulebook;
	struct csv_column columns[ORDER_FIELD_COUNT];
	struct csv_settings csv;
	struct source_files files;
	struct digest *identities; /* a file each, from the first pass */
	struct intake_blocks blocks;
	struct intake_sets *sets;
	struct intake_output *output;
	struct intake_counts counts;
	struct strbuf key, reasons;
	struct strbuf id;      /* of the row's key, where that is made of two ids */
	uint64_t bytes_before; /* of files and passes that are through */
	size_t file;           /* index of the current one */
};

/* What a pass does with a row. */
typedef int (*row_action)(struct run *, struct csv_reader *, struct csv_row *, struct error *);

const char *ignored_name(enum ignored_reason reason)
{
	static const char *const names[] = {
#define X(id, name) [id] = name,
	    IGNORED_REASONS(X)
#undef X
	};

	return (unsigned)reason < IGNORED_COUNT ? names[reason] : "unknown";
}

static void order_of_row(
    struct run *run, const struct csv_reader *reader, const struct csv_row *row, struct order *order)
{
	order->source = run->files.items[run->file].shown;
	order->line = row->line;
	order->duplicate_of = order->contract_before = order->login_before = (struct order_place){NULL, 0};
	order->duplicate_is_others = false;
	order_read_key(run->rulebook, row->fields, csv_reader_map(reader), &run->id, order);
}

/* --- first pass --- */

static struct strv trimmed(const struct csv_reader *reader, const struct csv_row *row, enum order_field id)
{
	return strv_trim(csv_reader_field(reader, row, id));
}

/* An id of the row, empty where it holds a word for nothing. */
static struct strv id_in(const struct csv_reader *reader, const struct csv_row *row, enum order_field id)
{
	struct strv text = trimmed(reader, row, id);

	return is_placeholder(text) ? (struct strv){NULL, 0} : text;
}

/* What order_read_key() gives, without the other fields. */
static struct strv key_in(struct run *run, const struct csv_reader *reader, const struct csv_row *row)
{
	return order_key_id(run->intake->job->bss.order_key,
	    (struct order_ids){id_in(reader, row, ORDER_ID), id_in(reader, row, ORDER_ITEM_ID),
		id_in(reader, row, ORDER_PARENT_ORDER_ID)},
	    &run->id);
}

static int mark_row(struct run *run, struct csv_reader *reader, struct csv_row *row, struct error *err)
{
	(void)err;
	if (row->fault != CSV_FAULT_NONE)
		return 0;
	struct strv login = trimmed(reader, row, ORDER_USERNAME);
	if (login.n == 0)
		login = trimmed(reader, row, ORDER_EMAIL);
	uint32_t block = intake_blocks_of(&run->blocks, run->file, csv_reader_tell(reader, row), row->line);
	intake_sets_mark(
	    run->sets, key_in(run, reader, row), id_in(reader, row, ORDER_ACCOUNT_ID), login, block);
	return 0;
}

/* --- second pass --- */

static int collect_row(struct run *run, struct csv_reader *reader, struct csv_row *row, struct error *err)
{
	struct order order;

	if (row->fault != CSV_FAULT_NONE)
		return 0;
	if (!intake_sets_is_candidate(run->sets, key_in(run, reader, row)) ||
	    !csv_reader_complete(reader, row))
		return 0;
	order_of_row(run, reader, row, &order);
	return intake_sets_collect(run->sets, &order, run->file, err);
}

/* --- last pass --- */

static int ignore_row(struct run *run, enum ignored_reason reason)
{
	run->counts.ignored++;
	run->counts.by_ignored[reason]++;
	return 0;
}

/* The key of a row whose key is another order's would speak of that one: it gets one of its own. */
static const char *key_text(struct run *run, const struct order *order)
{
	strbuf_clear(&run->key);
	if (order->item_key.n > 0)
		strbuf_addf(&run->key, "%s/%.*s", run->intake->job->bss.name, STRV_ARG(order->item_key));
	if (order->owner)
		strbuf_addf(&run->key, "#%.*s#%.*s", STRV_ARG(order->field[ORDER_ID]),
		    STRV_ARG(order->field[ORDER_ACCOUNT_ID]));
	return run->key.n > 0 ? run->key.p : "";
}

static void count_rules(struct run *run, struct verdict verdict)
{
	for (uint64_t left = verdict.broken; left; left &= left - 1)
		run->counts.by_rule[__builtin_ctzll(left)]++;
	run->counts.rejected++;
}

static int tell_rejected(
    struct run *run, const struct order *order, struct verdict verdict, struct error *err)
{
	if (!run->intake->rejected)
		return 0;
	struct strv id = order->field[ORDER_ID], account = order->field[ORDER_ACCOUNT_ID];
	char *order_id = strv_dup(id), *account_id = strv_dup(account);
	struct rejected_item item = {.key = key_text(run, order),
	    .order_id = order_id,
	    .account_id = account_id,
	    .source = order->source,
	    .line = order->line,
	    .verdict = verdict};
	if (!time_parse(order->field[ORDER_DATE], &item.order_time, NULL))
		item.order_time = 0;
	int rc = run->intake->rejected(run->intake->user, &item, err);

	free(order_id);
	free(account_id);
	return rc;
}

static int reject_unreadable(struct run *run, const struct csv_row *row, struct error *err)
{
	static const enum rule_code codes[] = {
	    [CSV_FAULT_NONE] = RULE_ROW_MALFORMED,
	    [CSV_FAULT_MALFORMED] = RULE_ROW_MALFORMED,
	    [CSV_FAULT_ENCODING] = RULE_ENCODING_INVALID,
	    [CSV_FAULT_TOO_LONG] = RULE_FIELD_TOO_LONG,
	};
	const struct order order = {.source = run->files.items[run->file].shown, .line = row->line};
	struct verdict verdict = {RULE_BIT(codes[row->fault]), 0};

	count_rules(run, verdict);
	if (run->intake->folder)
		intake_output_unreadable(run->output, row, codes[row->fault]);
	return tell_rejected(run, &order, verdict, err);
}

static int reject_order(struct run *run, const struct csv_row *row, const struct order *order,
    struct verdict verdict, struct error *err)
{
	count_rules(run, verdict);
	if (run->intake->folder) {
		strbuf_clear(&run->reasons);
		rules_reasons(run->rulebook, order, verdict, &run->reasons);
		intake_output_rejected(run->output, row, verdict, strbuf_view(&run->reasons));
	}
	return tell_rejected(run, order, verdict, err);
}

static void count_warnings(struct run *run, uint64_t warnings)
{
	for (uint64_t left = warnings; left; left &= left - 1)
		run->counts.by_warning[__builtin_ctzll(left)]++;
}

static int accept_order(struct run *run, const struct csv_row *row, const struct order *order,
    struct verdict verdict, struct error *err)
{
	if (intake_sets_accept(run->sets, order, run->file, err) < 0)
		return -1;
	run->counts.accepted++;
	count_warnings(run, verdict.warnings);
	if (run->intake->folder)
		intake_output_accepted(run->output, row, verdict);
	if (!run->intake->accepted)
		return 0;
	arena_reset(run->item_arena);
	return run->intake->accepted(
	    run->intake->user, order_item_of(run->rulebook, order, run->item_arena), err);
}

static int ask_what_is_known(
    struct run *run, struct order *order, struct known_order *known, struct error *err)
{
	*known = (struct known_order){0};
	if (order->key.n == 0) {
		known->ignored = run->intake->selected_only;
		known->reason = IGNORED_NOT_SELECTED;
		return 0;
	}
	if (!run->intake->known)
		return 0;
	order_read_terms(run->rulebook, order);
	if (run->intake->known(run->intake->user, order, known, err) < 0)
		return -1;
	if (known->item_key.n > 0)
		order->item_key = known->item_key;
	order->owner = known->owner;
	order->unlike = known->unlike;
	return 0;
}

static int find_first_read(struct run *run, struct order *order, struct error *err)
{
	order->first_read = (struct date){0};
	if (!run->intake->first_read || !rules_first_read_counts(order))
		return 0;
	key_text(run, order);
	return run->intake->first_read(run->intake->user, strbuf_view(&run->key), &order->first_read, err);
}

/* A change that is half done may already show in the export that it is judged by. */
static void let_go_on(const struct known_order *known, struct verdict *verdict)
{
	const uint64_t overtaken =
	    RULE_BIT(RULE_NO_TIER_CHANGE) | RULE_BIT(RULE_SUBSCRIPTION_UNKNOWN) | RULE_BIT(RULE_DATE_TOO_FAR);

	if (known->begun)
		verdict->broken &= ~overtaken;
}

static int judge_row(struct run *run, struct csv_reader *reader, struct csv_row *row, struct error *err)
{
	struct known_order known;
	struct order order;

	run->counts.read++;
	if (row->fault != CSV_FAULT_NONE)
		return run->intake->selected_only ? ignore_row(run, IGNORED_NOT_SELECTED)
						  : reject_unreadable(run, row, err);
	order_of_row(run, reader, row, &order);
	if (order.standing == ORDER_IGNORED) {
		if (run->intake->passed_by)
			run->intake->passed_by(run->intake->user, &order);
		return ignore_row(run, IGNORED_STATUS);
	}
	if (ask_what_is_known(run, &order, &known, err) < 0)
		return -1;
	if (known.ignored) {
		count_warnings(run, known.warnings);
		return ignore_row(run, known.reason);
	}
	int repeated = intake_sets_meet_item(run->sets, &order, run->file, err);
	if (repeated != 0)
		return repeated < 0 ? -1 : ignore_row(run, IGNORED_REPEATED);
	order_read(run->rulebook, run->intake->facts, &order);
	if (intake_sets_meet_accepted(run->sets, &order, err) < 0 || find_first_read(run, &order, err) < 0)
		return -1;
	struct verdict verdict = rules_judge(run->rulebook, &order);
	let_go_on(&known, &verdict);
	if (verdict.broken)
		return reject_order(run, row, &order, verdict, err);
	if (run->intake->limit > 0 && run->counts.accepted >= run->intake->limit)
		return ignore_row(run, IGNORED_LIMIT);
	return accept_order(run, row, &order, verdict, err);
}

/* --- passes --- */

static int check_stop(const struct run *run, const struct csv_reader *reader, struct error *err)
{
	const struct intake *intake = run->intake;

	/* The first and the last pass are what takes time: together they are the whole. */
	if (intake->progress)
		intake->progress(
		    intake->user, run->bytes_before + csv_reader_bytes(reader), run->files.bytes * 2);
	if (!intake->stop || *intake->stop == 0)
		return 0;
	if (*intake->stop == SIGTERM)
		return error_set(err, ERR_TERMINATED, "stopped while reading orders; nothing was changed");
	return error_set(err, ERR_INTERRUPTED, "stopped while reading orders; nothing was changed");
}

static int read_rows(
    struct run *run, struct csv_reader *reader, row_action action, uint64_t *rows, struct error *err)
{
	struct csv_row row;

	for (*rows = 0;; ++*rows) {
		enum csv_next next = csv_reader_next(reader, &row, err);
		if (next == CSV_DONE)
			return csv_reader_unchanged(reader, err);
		if (next == CSV_FAILED || action(run, reader, &row, err) < 0)
			return -1;
		if (*rows % ROWS_BETWEEN_CHECKS == 0 && check_stop(run, reader, err) < 0)
			return -1;
	}
}

static struct csv_reader *open_orders(const struct run *run, size_t file, bool with_digest, struct error *err)
{
	struct csv_settings csv = run->csv;

	csv.no_digest = !with_digest;
	return csv_reader_open(run->files.items[file].path, run->columns, ORDER_FIELD_COUNT, &csv, err);
}

/* What the passes before the last look at, the columns of an item's key first. */
static const size_t marking[] = {
    ORDER_ID, ORDER_ITEM_ID, ORDER_PARENT_ORDER_ID, ORDER_ACCOUNT_ID, ORDER_EMAIL, ORDER_USERNAME};
enum { KEY_COLUMNS = 3 };

/* All passes must see the same file. */
static int hold_identity(struct run *run, const struct csv_reader *reader, bool first_pass, struct error *err)
{
	struct digest now = csv_reader_identity(reader), *then = &run->identities[run->file];

	if (first_pass)
		*then = now;
	if (now.high == then->high && now.low == then->low)
		return 0;
	error_set(err, ERR_SOURCE, "the file changed while it was read");
	error_place(err, run->files.items[run->file].path, 0, 0, NULL);
	return error_hint(err,
	    "let the export finish first (write to another name, then rename), and run the same command again");
}

static int pass_file(struct run *run, row_action action, struct error *err)
{
	struct source_file *file = &run->files.items[run->file];
	struct csv_reader *reader = open_orders(run, run->file, action == judge_row, err);
	int rc = -1;

	if (!reader)
		return -1;
	if (action == mark_row)
		intake_output_columns(run->output, reader);
	if (action != judge_row)
		csv_reader_want(reader, marking, action == mark_row ? ARRAY_LEN(marking) : KEY_COLUMNS);
	if (action == judge_row && run->intake->folder)
		intake_output_file(run->output, reader, file->shown);
	if (hold_identity(run, reader, action == mark_row, err) == 0 &&
	    read_rows(run, reader, action, &file->info->rows, err) == 0)
		rc = 0;
	if (rc == 0 && action == judge_row)
		digest_text(csv_reader_digest(reader), file->info->digest);
	file->info->bytes = csv_reader_size(reader);
	csv_reader_close(reader);
	return rc;
}

static int pass(struct run *run, row_action action, struct error *err)
{
	uint64_t before = action == judge_row ? run->files.bytes : 0;

	for (run->file = 0; run->file < run->files.count; run->file++) {
		if (run->files.items[run->file].skip)
			continue;
		run->bytes_before = before;
		if (pass_file(run, action, err) < 0)
			return -1;
		before += run->files.items[run->file].info->bytes;
	}
	return 0;
}

static int collect_block(struct run *run, struct csv_reader *reader, size_t n, struct error *err)
{
	const struct intake_block *block = &run->blocks.items[n];
	uint64_t end = intake_blocks_end(&run->blocks, n);
	struct csv_row row;

	if (csv_reader_seek(reader, block->offset, block->line, err) < 0)
		return -1;
	for (;;) {
		switch (csv_reader_next(reader, &row, err)) {
		case CSV_ROW:
			if (csv_reader_tell(reader, &row) >= end)
				return 0;
			if (collect_row(run, reader, &row, err) < 0)
				return -1;
			break;
		case CSV_BAD:
			break;
		case CSV_DONE:
			return 0;
		case CSV_FAILED:
			return -1;
		}
	}
}

/* Only the blocks that have a row to be collected. */
static int collect_blocks(struct run *run, struct error *err)
{
	struct csv_reader *reader = NULL;
	int rc = 0;

	for (size_t n = 0; n < run->blocks.count && rc == 0; n++) {
		if (!intake_sets_in_block(run->sets, (uint32_t)n))
			continue;
		if (!reader || run->file != run->blocks.items[n].file) {
			csv_reader_close(reader);
			run->file = run->blocks.items[n].file;
			reader = open_orders(run, run->file, false, err);
			if (!reader)
				return -1;
			csv_reader_want(reader, marking, KEY_COLUMNS);
		}
		rc = collect_block(run, reader, n, err);
	}
	csv_reader_close(reader);
	return rc;
}

static int collect(struct run *run, struct error *err)
{
	if (!intake_sets_collects(run->sets))
		return 0;
	return run->blocks.unusable ? pass(run, collect_row, err) : collect_blocks(run, err);
}

static int passes(struct run *run, struct error *err)
{
	if (pass(run, mark_row, err) < 0 || intake_sets_marked(run->sets, err) < 0 || collect(run, err) < 0)
		return -1;
	if (run->intake->folder && intake_output_begin(run->output, run->intake->folder, err) < 0)
		return -1;
	if (pass(run, judge_row, err) < 0)
		return -1;
	const struct intake_counts *n = &run->counts;
	if (n->read != n->accepted + n->rejected + n->ignored)
		return error_set(err, ERR_INTERNAL,
		    "the counts of the intake do not close: %llu read, %llu accepted, %llu rejected, "
		    "%llu ignored",
		    (unsigned long long)n->read, (unsigned long long)n->accepted,
		    (unsigned long long)n->rejected, (unsigned long long)n->ignored);
	return intake_output_commit(run->output, err);
}

int intake_run(const struct intake *intake, struct arena *arena, struct intake_result *out, struct error *err)
{
	const struct job *job = intake->job;
	struct run run = {.intake = intake};
	int rc = -1;

	*out = (struct intake_result){0};
	memcpy(run.columns, order_columns, sizeof run.columns);
	run.columns[ORDER_PRODUCT_CODE].need = run.columns[ORDER_TIER].need = CSV_EITHER;
	run.rulebook = rulebook_new(job);
	run.item_arena = arena_new();
	run.output = intake_output_new(job->report.csv_delimiter, job->report.csv_bom);
	if (source_files_find(job, BSS_ORDERS, intake->snapshot, arena, &run.files, err) < 0)
		goto out;
	run.csv = run.files.csv;
	run.identities = mem_zalloc(run.files.count * sizeof *run.identities);
	run.sets = intake_sets_new(&run.files, job->bss.order_key);
	intake_blocks_init(&run.blocks, &run.files, run.csv.encoding == ENCODING_UTF8);
	rc = passes(&run, err);
	out->counts = run.counts;
	out->files = run.files.infos;
	out->file_count = run.files.count;
out:
	intake_sets_free(run.sets);
	intake_blocks_free(&run.blocks);
	intake_output_free(run.output);
	rulebook_free(run.rulebook);
	arena_free(run.item_arena);
	free(run.identities);
	strbuf_free(&run.key);
	strbuf_free(&run.id);
	strbuf_free(&run.reasons);
	return rc;
}
