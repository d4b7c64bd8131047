/* Invoices and exchange rates of a run. A night reads them from the job's source and keeps what is in reach
 * of it; a comparison of a day that is past reads them as a night of that time kept them, so that an invoice
 * that is corrected later changes nothing in it. What they are held against is run_billing.c's. */
#include "run_impl.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "tenantry/bss_database.h"
#include "tenantry/log.h"
#include "tenantry/mem.h"

/* ---- Which night's, of a day that is past. */

struct version {
	struct money_side *side;
	struct arena *arena;
	const char *month; /* the one that it must have lines of; "" any */
	int64_t until;
	int64_t next_at; /* the first one after that, 0 none */
};

static bool has_month(const char *months, const char *month)
{
	return !month[0] || strstr(months, month) != NULL;
}

static int look_at(void *user, const struct snapshot_record *record)
{
	struct version *v = user;

	if ((record->exit_status != 0 && record->exit_status != 1) || record->removed_at ||
	    !has_month(record->months, v->month))
		return 0;
	if (record->taken_at > v->until) {
		if (v->next_at == 0 || record->taken_at < v->next_at)
			v->next_at = record->taken_at;
	} else if (!v->side->is_kept || record->taken_at > v->side->record.taken_at) {
		v->side->is_kept = true;
		v->side->record = *record;
		snapshot_record_keep(&v->side->record, v->arena);
	}
	return 0;
}

static int only_later(const struct run *run, const struct version *v, struct error *err)
{
	char day[DATE_TEXT_SIZE], first[TIME_TEXT_SIZE];

	error_set(err, ERR_COVERAGE, "no invoices of %s were known by %s: the first that are kept are of %s",
	    v->month, date_text(run->options->as_of.day, day), time_text(v->next_at, first));
	return error_hint(
	    err, "leave out --as-of to compare the newest that are kept, or name a later day with it");
}

static int choose_invoices(struct run *run, int64_t day_end, struct error *err)
{
	char month[MONTH_TEXT_SIZE] = "";
	struct version v = {.side = &run->invoices_from, .arena = run->arena, .month = month};

	/* Invoices come after their month: without a day the newest that know the month. */
	v.until = run->options->as_of.month && !run->options->as_of.day_given ? INT64_MAX : day_end;
	if (run->options->as_of.month)
		month_text(run->options->as_of.month, month);
	if (ledger_snapshots(run->ledger, "invoices", NULL, look_at, &v, err) < 0)
		return -1;
	return !v.side->is_kept && v.next_at && month[0] ? only_later(run, &v, err) : 0;
}

int run_choose_money(struct run *run, struct error *err)
{
	int64_t day_end = as_of_end(run->job, run->options->as_of.day);
	bool has_invoices = run->job->bss.invoices.kind != SOURCE_NONE;
	struct version rates = {.side = &run->rates_from, .arena = run->arena, .month = "", .until = day_end};

	if (has_invoices && choose_invoices(run, day_end, err) < 0)
		return -1;
	if (run->job->bss.rates.kind == SOURCE_NONE)
		return 0;
	/* Those beside the invoices: of one moment, like the invoices' own rates. */
	if (has_invoices && !run->invoices_from.is_kept)
		return 0;
	if (has_invoices)
		rates.until = run->invoices_from.record.taken_at;
	return ledger_snapshots(run->ledger, "rates", NULL, look_at, &rates, err);
}

/* ---- Reading. */

/* Nothing is invoiced for, or on, a day after it. Of what was kept: the day on which it was read, so that
 * time does not change what it says. */
static struct date today(const struct run *run)
{
	if (run->invoices_from.is_kept)
		return date_of_ms(run->invoices_from.record.taken_at);
	return run->options->as_of.set && run->options->as_of.month == 0
		   ? run->options->as_of.day
		   : date_of_ms(clock_wall_ms(run->clock));
}

static void begin(struct run *run, struct money_side *from, const char *file)
{
	bool keeps = run->ledger && !run->options->dry_run && !run->options->as_of.set;

	from->file = file;
	from->read_at = clock_wall_ms(run->clock);
	from->side = (struct source_side){.snapshot = run->snapshot};
	if (from->is_kept)
		from->side.kept =
		    arena_printf(run->report->arena, "%s/%s", from->record.folder, from->record.file);
	else if (keeps)
		from->side.keep = arena_printf(run->arena, "%s/%s", run->folder, file);
}

static int end(struct run *run, const struct money_side *from, const char *role,
    const struct input_file *files, size_t file_count, struct error *err)
{
	if (!from->is_kept) {
		for (size_t i = 0; i < file_count; i++)
			run_add_input(run, &files[i]);
		if (run->options->as_of.set)
			log_warn("no %s are kept of that time: they are read from their source as it is now",
			    role);
		return 0;
	}
	if (strcmp(from->side.digest, from->record.digest) != 0 || from->side.rows != from->record.rows)
		return snapshot_is_changed(&from->record, err);
	struct input_file file = {
	    .role = role, .path = from->side.kept, .rows = from->side.rows, .note = "as kept"};
	memcpy(file.digest, from->side.digest, sizeof file.digest);
	run_add_input(run, &file);
	return 0;
}

struct told {
	const char **which, **run_id;
	int64_t *at;
};

static void tell(struct run *run, const struct money_side *from, struct told told)
{
	if (!run->options->as_of.set)
		return;
	*told.which = from->is_kept ? "kept" : "now";
	*told.run_id = from->is_kept ? arena_strdup(run->report->arena, from->record.run_id) : "";
	*told.at = from->is_kept ? from->record.taken_at : from->read_at;
}

static int read_rates(struct run *run, struct error *err)
{
	struct report_as_of *as_of = &run->report->as_of;
	struct money_side *from = &run->rates_from;

	if (run->job->bss.rates.kind == SOURCE_NONE)
		return 0;
	begin(run, from, "rates.csv.zst");
	if (!(run->rates = rates_load_side(run->job, &from->side, err)))
		return -1;
	tell(run, from, (struct told){&as_of->rates, &as_of->rates_run, &as_of->rates_at});
	return end(run, from, "rates", run->rates->files, run->rates->file_count, err);
}

int run_read_money(struct run *run, struct error *err)
{
	struct report_as_of *as_of = &run->report->as_of;
	struct money_side *from = &run->invoices_from;
	const int month = run->options->as_of.month;
	struct invoice_window window = billing_window(run->job, today(run));

	if (month)
		window = (struct invoice_window){month, month, today(run)};
	if (read_rates(run, err) < 0)
		return -1;
	if (run->job->bss.invoices.kind == SOURCE_NONE)
		return 0;
	begin(run, from, "invoices.csv.zst");
	if (!(run->invoices = invoices_load_side(run->job, &from->side, &window, err)))
		return -1;
	tell(run, from, (struct told){&as_of->invoices, &as_of->invoices_run, &as_of->invoices_at});
	return end(run, from, "invoices", run->invoices->files, run->invoices->file_count, err);
}

/* ---- Keeping. */

static const char *months_of(struct run *run)
{
	const struct invoices *invoices = run->invoices;
	struct strbuf out = {0};
	char text[MONTH_TEXT_SIZE];

	for (int month = invoices->first_month; month <= invoices->last_month; month++) {
		size_t i = 0;
		while (i < invoices->count && invoices->items[i].month != month)
			i++;
		if (i < invoices->count)
			strbuf_addf(&out, "%s%s", out.n ? " " : "", month_text(month, text));
	}
	const char *kept = arena_strdup(run->arena, out.n ? out.p : "");
	strbuf_free(&out);
	return kept;
}

struct earlier {
	const struct run *run;
	const struct money_side *from;
};

/* The night before mostly read the same: then both names are of one file, and removing one leaves the other.
 */
static int share_file(void *user, const struct snapshot_record *record)
{
	const struct earlier *e = user;

	if (record->removed_at || strcmp(record->run_id, e->run->run_id) == 0)
		return 0;
	if (strcmp(record->digest, e->from->side.digest) == 0) {
		char *path = snapshot_path(record);
		file_share(path, e->from->side.keep);
		free(path);
	}
	return 1;
}

static int keep(
    struct run *run, const struct money_side *from, enum bss_role role, const char *months, struct error *err)
{
	const struct bss_rows *rows = bss_snapshot_rows(run->snapshot, role);
	struct earlier earlier = {run, from};
	struct snapshot_record record = {.run_id = run->run_id,
	    .side = bss_role_name(role),
	    .file = from->file,
	    .digest = from->side.digest,
	    .rows = from->side.rows,
	    .taken_at = from->read_at,
	    .source = rows ? rows->shown : bss_role_spec(run->job, role)->csv,
	    .months = months};

	if (!from->side.keep)
		return 0;
	if (ledger_snapshots(run->ledger, record.side, NULL, share_file, &earlier, err) < 0)
		return -1;
	return ledger_snapshot_put(run->ledger, &record, err);
}

int run_keep_money(struct run *run, struct error *err)
{
	if (run->rates && keep(run, &run->rates_from, BSS_RATES, "", err) < 0)
		return -1;
	return run->invoices ? keep(run, &run->invoices_from, BSS_INVOICES, months_of(run), err) : 0;
}
