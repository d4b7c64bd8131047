/* `tenantry check`: everything a night needs, looked at before the night; see run.h. Nothing is written. */
#include "run_impl.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <unistd.h>

#include "tenantry/bss_database.h"
#include "tenantry/bss_writer.h"
#include "tenantry/lock_file.h"
#include "tenantry/mem.h"
#include "tiers_impl.h"

struct preflight {
	const struct job *job;
	struct clock *clock;
	struct arena *arena;
	bool json;
	json_t *lines;
	struct strbuf *out;
	int status;
	uint64_t live, tenants;             /* subscriptions; tenants below the parent, 0 not known */
	bool blocked;                       /* a night could not run */
	const struct order_item *rehearsed; /* the order to rehearse with, in the arena; NULL: none yet */
	bool paid_held; /* a night can run, and leaves orders for paid tiers where they are */
};

static void line(struct preflight *p, const char *what, const char *result, const char *text)
{
	if (p->json)
		json_array_append_new(
		    p->lines, json_pack("{s:s, s:s, s:s}", "what", what, "result", result, "text", text));
	else
		strbuf_addf(p->out, "%-8s %-14s %s\n", result, what, text);
}

static void good(struct preflight *p, const char *what, const char *format, ...)
    __attribute__((format(printf, 3, 4)));
static void good(struct preflight *p, const char *what, const char *format, ...)
{
	char text[512];
	va_list args;

	va_start(args, format);
	vsnprintf(text, sizeof text, format, args);
	va_end(args);
	line(p, what, "ok", text);
}

static void bad(struct preflight *p, const char *what, struct error *err)
{
	struct strbuf text = {0};

	if (err->source[0])
		strbuf_addf(&text, "%s: ", err->source);
	strbuf_adds(&text, err->text);
	line(p, what, "FAILED", text.p);
	strbuf_free(&text);
	if (err->hint[0])
		line(p, "", "hint", err->hint);
	p->status = exit_status_worse(p->status, error_exit_status(err));
	p->blocked = true;
	error_clear(err);
}

static void check_output(struct preflight *p)
{
	struct error err = {0};
	char *folder = mem_strdup(p->job->output);

	/* The nearest folder that exists decides whether the missing ones can be made. */
	for (char *slash; access(folder, F_OK) != 0 && errno == ENOENT;) {
		slash = strrchr(folder, '/');
		if (slash) {
			slash[slash == folder] = '\0';
			continue;
		}
		free(folder);
		folder = mem_strdup(".");
	}
	if (access(folder, W_OK | X_OK) == 0) {
		good(p, "output", "%s", p->job->output);
	} else {
		error_set(&err, ERR_OUTPUT, "%s cannot be written", folder);
		error_hint(&err, "make it writable for the user that runs the job");
		bad(p, "output", &err);
	}
	free(folder);
}

/* Another cloud, another data centre or another BSS than the ledger is about: the run would refuse it, after
 * it began. */
static void check_binding(struct preflight *p, const char *parent)
{
	struct error err = {0};
	struct ledger *ledger;

	if (access(p->job->ledger, F_OK) != 0)
		return;
	ledger = ledger_open(p->job->ledger, LEDGER_READ, p->clock, &err);
	/* One that cannot be opened is told of already. */
	if (ledger && ledger_bind(ledger, p->job->bss.name, parent, &err) < 0)
		bad(p, "ledger", &err);
	ledger_close(ledger);
}

static void check_ledger(struct preflight *p)
{
	struct error err = {0};
	struct run_record last;
	struct ledger *ledger;

	if (ledger_check_place(p->job->ledger, &err) < 0 || lock_file_check(p->job->ledger, &err) < 0) {
		bad(p, "ledger", &err);
		return;
	}
	if (access(p->job->ledger, F_OK) != 0 && errno == ENOENT) {
		good(p, "ledger", "%s (not there yet: the first run makes it)", p->job->ledger);
		return;
	}
	ledger = ledger_open(p->job->ledger, LEDGER_READ, p->clock, &err);
	if (ledger && refuse_lost_ledger(p->job, ledger, &err) < 0) {
		bad(p, "ledger", &err);
		ledger_close(ledger);
		return;
	}
	int found = ledger ? ledger_run_find(ledger, "last", p->arena, &last, &err) : -1;
	if (found < 0)
		bad(p, "ledger", &err);
	else if (found == 0)
		good(p, "ledger", "%s (no run yet)", p->job->ledger);
	else
		good(p, "ledger", "%s (last run %s, exit status %d)", p->job->ledger, last.run_id,
		    last.exit_status);
	ledger_close(ledger);
}

static void database_good(void *user, const char *text)
{
	line(user, "database", "ok", text);
}

static void database_bad(void *user, struct error *err)
{
	bad(user, "database", err);
}

/* As grave as a right that is missing, but a night is not stopped by it. */
static void database_unsafe(void *user, const char *text, const char *hint)
{
	struct preflight *p = user;

	line(p, "database", "FAILED", text);
	if (hint[0])
		line(p, "", "hint", hint);
	p->status = exit_status_worse(p->status, 3);
}

static void database_note(void *user, const char *text, const char *hint)
{
	line(user, "database", "note", text);
	if (hint[0])
		line(user, "", "hint", hint);
}

static struct bss_check database_listener(struct preflight *p)
{
	return (struct bss_check){.good = database_good,
	    .bad = database_bad,
	    .unsafe = database_unsafe,
	    .note = database_note,
	    .user = p};
}

/* Its queries one by one, and then all that a night reads of it, at one moment. NULL: there is none, or it
 * cannot be read. */
static struct bss_snapshot *check_database(struct preflight *p)
{
	struct bss_check check = database_listener(p);
	struct bss_snapshot_settings settings = {
	    .job = p->job, .roles = BSS_ALL_ROLES, .run_id = "check", .clock = p->clock};
	struct error err = {0};
	bool before = p->blocked;

	if (!bss_reads_database(p->job, BSS_ALL_ROLES))
		return NULL;
	p->blocked = false;
	bss_database_check(p->job, p->clock, &check);
	bool fine = !p->blocked;
	p->blocked |= before;
	if (!fine)
		return NULL;
	struct bss_snapshot *snapshot = bss_snapshot_take(&settings, &err);
	if (!snapshot)
		bad(p, "database", &err);
	return snapshot;
}

static bool cannot_be_read(const struct source_spec *spec, const struct bss_snapshot *snapshot)
{
	return spec->kind == SOURCE_DATABASE && !snapshot;
}

static struct facts *check_subscriptions(
    struct preflight *p, const struct bss_snapshot *snapshot, struct subscriptions **subscriptions)
{
	struct error err = {0};
	struct facts *facts = facts_new();

	*subscriptions = NULL;
	if (p->job->bss.subscriptions.kind == SOURCE_NONE) {
		line(p, "subscriptions", "none",
		    "not in the job file: rules about existing contracts are not held, nothing can be reconciled");
		return facts;
	}
	if (cannot_be_read(&p->job->bss.subscriptions, snapshot))
		return facts;
	*subscriptions = subscriptions_load_from(p->job, snapshot, &err);
	if (!*subscriptions) {
		bad(p, "subscriptions", &err);
		return facts;
	}
	facts_add_subscriptions(facts, *subscriptions);
	if (reconcile_guard_subscriptions(p->job, *subscriptions, &(struct side_memory){-1, -1, -1},
		clock_wall_ms(p->clock), &err) < 0) {
		bad(p, "subscriptions", &err);
		return facts;
	}
	for (size_t i = 0; i < (*subscriptions)->count; i++)
		p->live += subscription_is_live(&(*subscriptions)->items[i]);
	good(p, "subscriptions", "%zu in %s, %zu cannot be used", (*subscriptions)->count,
	    p->job->bss.subscriptions.csv ? p->job->bss.subscriptions.csv : "the database",
	    (*subscriptions)->quarantined_count);
	return facts;
}

static void check_rates(struct preflight *p, const struct bss_snapshot *snapshot)
{
	struct error err = {0};
	struct rates *rates;

	if (p->job->bss.rates.kind == SOURCE_NONE || cannot_be_read(&p->job->bss.rates, snapshot))
		return;
	rates = rates_load(p->job, snapshot, &err);
	if (!rates)
		bad(p, "rates", &err);
	else
		good(p, "rates", "%zu exchange rates, %zu row%s cannot be used", rates->count,
		    rates->quarantined_count, rates->quarantined_count == 1 ? "" : "s");
	rates_free(rates);
}

static void check_invoices(struct preflight *p, const struct bss_snapshot *snapshot)
{
	struct invoice_window window = billing_window(p->job, date_of_ms(clock_wall_ms(p->clock)));
	char month[MONTH_TEXT_SIZE];
	struct error err = {0};
	uint64_t bad_lines = 0;

	if (p->job->bss.invoices.kind == SOURCE_NONE || cannot_be_read(&p->job->bss.invoices, snapshot))
		return;
	struct invoices *invoices = invoices_load(p->job, snapshot, &window, &err);
	if (!invoices) {
		bad(p, "invoices", &err);
		return;
	}
	for (size_t i = 0; i < invoices->count; i++)
		bad_lines += invoices->items[i].bad_lines;
	bad_lines += invoices->loose_count;
	good(p, "invoices", "%" PRIu64 " lines, of %zu contracts up to %s; %" PRIu64 " line%s cannot be used",
	    invoices->rows_read, invoices->count, month_name(window.last_month, month), bad_lines,
	    bad_lines == 1 ? "" : "s");
	invoices_free(invoices);
}

/* A new contract is the one with most to it; else the first of what there is. */
static int choose_order(void *user, const struct order_item *item, struct error *err)
{
	struct preflight *p = user;

	(void)err;
	if (!p->rehearsed || (p->rehearsed->action != ACTION_NEW && item->action == ACTION_NEW))
		p->rehearsed = order_item_keep(p->arena, item);
	return 0;
}

static void check_orders(struct preflight *p, const struct bss_snapshot *snapshot, const struct facts *facts)
{
	struct error err = {0};
	struct intake intake = {
	    .job = p->job, .snapshot = snapshot, .facts = facts, .accepted = choose_order, .user = p};
	struct intake_result result;

	if (cannot_be_read(&p->job->bss.orders, snapshot))
		return;

	if (intake_run(&intake, p->arena, &result, &err) < 0)
		bad(p, "orders", &err);
	else
		good(p, "orders",
		    "%" PRIu64 " read = %" PRIu64 " accepted + %" PRIu64 " rejected + %" PRIu64
		    " ignored, %zu source%s",
		    result.counts.read, result.counts.accepted, result.counts.rejected, result.counts.ignored,
		    result.file_count, result.file_count == 1 ? "" : "s");
}

static int count_tenant(void *user, const json_t *item, struct error *err)
{
	(void)item;
	(void)err;
	++*(uint64_t *)user;
	return 0;
}

/* How long a full observation takes at the job's pace: by its rate, or by its connections at the latency just
 * seen. */
static void estimate(struct preflight *p, struct connection *connection)
{
	struct error err = {0};
	struct strbuf query = {0};
	uint64_t tenants = 0;
	int64_t before = clock_mono_ms(p->clock);

	strbuf_addf(&query, "parent_id=%s", connection->session.parent);
	struct acronis_listing listing = {
	    .call = CALL_TENANTS, .query = query.p, .item = count_tenant, .user = &tenants};
	int rc = acronis_list_wait(connection->client, &listing, NULL, &err);
	strbuf_free(&query);
	if (rc < 0) {
		bad(p, "tenants", &err);
		return;
	}
	p->tenants = tenants;
	int64_t latency = clock_mono_ms(p->clock) - before;
	uint64_t requests = observe_requests(p->job, tenants);
	uint64_t by_latency =
	    requests * (uint64_t)(latency > 0 ? latency : 1) / (uint64_t)p->job->acronis.connections / 1000;
	uint64_t by_rate = p->job->acronis.rate ? requests / (uint64_t)p->job->acronis.rate : 0;
	uint64_t seconds = (by_rate > by_latency ? by_rate : by_latency) + 1;
	good(p, "tenants",
	    "%" PRIu64 " below the parent; a full observation takes %" PRIu64 " request%s, about %" PRIu64
	    " min %02u s %s",
	    tenants, requests, requests == 1 ? "" : "s", seconds / 60, (unsigned)(seconds % 60),
	    by_rate > by_latency ? "at acronis.rate" : "at the latency seen now");
}

/* Whom the ledger knows we put on their tiers ourselves. */
static void add_known(struct preflight *p, struct facts *facts)
{
	struct error ignored = {0};
	struct known_tenant *known = NULL;
	size_t count = 0;

	if (access(p->job->ledger, F_OK) != 0)
		return;
	/* One that cannot be opened is told of already. */
	struct ledger *ledger = ledger_open(p->job->ledger, LEDGER_READ, p->clock, &ignored);
	if (ledger && ledger_tenants(ledger, p->job, p->arena, &known, &count, &ignored) == 0)
		for (size_t i = 0; i < count; i++)
			facts_add_tenant(facts, &known[i]);
	ledger_close(ledger);
}

static void tier_line(void *user, const char *what, const char *result, const char *text)
{
	line(user, what, result, text);
}

static void check_tiers(struct preflight *p, const struct connection *connection,
    const struct subscriptions *subscriptions, struct facts *facts)
{
	struct tier_check check = {.job = p->job,
	    .connection = connection,
	    .clock = p->clock,
	    .arena = p->arena,
	    .subscriptions = subscriptions,
	    .facts = facts,
	    .line = tier_line,
	    .user = p};
	enum tier_verdict verdict = TIERS_UNPROVED;
	struct error err = {0};

	add_known(p, facts);
	if (tier_check(&check, &verdict, &err) < 0)
		bad(p, "tier table", &err);
	else
		p->paid_held = verdict == TIERS_UNPROVED && !p->job->acronis.loopback;
}

static void check_acronis(struct preflight *p, const struct subscriptions *subscriptions, struct facts *facts)
{
	struct error err = {0};
	struct connection connection;

	if (connection_open(&connection, p->job, true, p->clock, p->arena, &err) < 0) {
		bad(p, "acronis", &err);
		return;
	}
	good(p, "acronis", "%s, parent tenant %s, %zu offering items for a reseller", p->job->acronis.url,
	    connection.session.parent, connection.session.available_count);
	check_binding(p, connection.session.parent);
	check_tiers(p, &connection, subscriptions, facts);
	estimate(p, &connection);
	connection_close(&connection);
}

/* How much may be taken away tonight; what the orders ask for, `plan` says. */
static void check_budget(struct preflight *p)
{
	bool has_subscriptions = p->job->bss.subscriptions.kind != SOURCE_NONE;
	uint64_t live = has_subscriptions && p->live < p->tenants ? p->live : p->tenants;
	struct losses_counted used = {0};
	struct strbuf rule = {0};
	struct error err = {0};

	bool there = access(p->job->ledger, F_OK) == 0;
	struct ledger *ledger = there ? ledger_open(p->job->ledger, LEDGER_READ, p->clock, &err) : NULL;
	/* One that cannot be read is told of already. */
	if (!there || (ledger && ledger_losses_count(ledger, &used, &err) == 0)) {
		budget_add_rule(&rule, p->job->provision.max_disables, live);
		good(p, "max_disables", "%s; %" PRIu64 " used in the last 24 hours", rule.p, used.counted);
	}
	strbuf_free(&rule);
	ledger_close(ledger);
}

/* The item as its activation would be sent tonight, but for the tenant, which is made up. */
static void rehearse_item(struct preflight *p, const struct order_item *item, const struct bss_check *check)
{
	char own[UUID_TEXT_SIZE], tenant[UUID_TEXT_SIZE], day[DATE_TEXT_SIZE];
	struct date start =
	    date_is_set(item->start_date) ? item->start_date : date_of_ms(clock_wall_ms(p->clock));
	struct bss_write write = {.order_item_id = item->item_id[0] ? item->item_id : item->order_id,
	    .action = action_name(item->action),
	    .account_id = item->account_id,
	    .subscription_id = item->subscription_id[0]
				   ? item->subscription_id
				   : uuid_from_name("subscription", strv_of(item->key), own),
	    .external_id = uuid_from_name("rehearsal", strv_of(item->key), tenant),
	    .username = item->login,
	    .product = item->tier && item->tier->product ? item->tier->product : item->product_code,
	    .currency = item->currency,
	    .start_date = date_text(start, day),
	    .status = action_status(item->action),
	    .ordered_product = item->product_code,
	    .ordered_tier = item->tier_text,
	    .ordered_action = action_name(item->action)};

	bss_database_rehearse(p->job, p->clock, &write, check);
}

/* What goes wrong is about orders: a night runs, and they fail. */
static void rehearse(struct preflight *p)
{
	struct bss_check check = database_listener(p);
	bool before = p->blocked;
	struct error err = {0};

	if (!bss_writes_back(p->job)) {
		error_set(&err, ERR_USAGE, "--rehearse: this job writes nothing back to a database");
		error_hint(&err,
		    "it is for jobs with bss.orders: {database: ...} and without bss.write_back: false");
	} else if (!p->rehearsed) {
		error_set(&err, ERR_BSS, "no pending order is accepted: there is nothing to rehearse with");
		error_hint(&err, "rehearse when there is one");
	}
	if (err.code != ERR_NONE)
		bad(p, "database", &err);
	else
		rehearse_item(p, p->rehearsed, &check);
	p->blocked = before;
}

static const char *closing(const struct preflight *p)
{
	if (p->blocked)
		return "something must be mended before a night can run\n";
	if (p->status != 0)
		return "a night can run; what FAILED is to be mended all the same\n";
	return p->paid_held ? "a night can run, but leaves orders for paid tiers undone\n"
			    : "all good: a night can run\n";
}

int preflight(
    const struct job *job, struct clock *clock, const struct preflight_options *options, struct strbuf *out)
{
	struct preflight p = {
	    .job = job, .clock = clock, .arena = arena_new(), .json = options->json, .out = out};
	struct subscriptions *subscriptions;

	p.lines = p.json ? json_array() : NULL;
	good(&p, "job", "%s (%s), %zu tiers", job->path, job->name, job->contract.tier_count);
	check_output(&p);
	check_ledger(&p);
	struct bss_snapshot *snapshot = check_database(&p);
	struct facts *facts = check_subscriptions(&p, snapshot, &subscriptions);
	check_orders(&p, snapshot, facts);
	if (options->rehearse)
		rehearse(&p);
	check_rates(&p, snapshot);
	check_invoices(&p, snapshot);
	bss_snapshot_free(snapshot);
	check_acronis(&p, subscriptions, facts);
	check_budget(&p);
	facts_free(facts);
	subscriptions_free(subscriptions);
	if (p.json) {
		json_t *all = json_pack("{s:i, s:o}", "exit_status", p.status, "checks", p.lines);
		char *text = json_dumps(all, JSON_INDENT(2) | JSON_PRESERVE_ORDER);
		strbuf_adds(out, text);
		strbuf_addc(out, '\n');
		free(text);
		json_decref(all);
	} else {
		strbuf_adds(out, closing(&p));
	}
	arena_free(p.arena);
	return p.status;
}
