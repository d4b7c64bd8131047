/* What the tests of provisioning share: a job, a tiny cloud, a ledger in a folder of its own, a clock that
 * stands still, and night(): everything from the ledger to the exported files, as a run does it. The cloud is
 * shared memory, so that a night can be played in a child and killed. */
#ifndef TENANTRY_TESTS_PROVISION_FIXTURE_H
#define TENANTRY_TESTS_PROVISION_FIXTURE_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <dirent.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include "../fake/fake_cloud.h"
#include "../fake/fake_job.h"
#include "tenantry/log.h"
#include "tenantry/mem.h"
#include "tenantry/provision.h"

#define FIXTURE __attribute__((unused)) static

enum { ITEMS_MAX = 256, SUBSCRIPTIONS_MAX = 64, START_SECONDS = 1795305600 /* 2026-11-22 */ };

struct fixture {
	char folder[64], ledger_path[96];
	struct clock clock;
	struct job *job;
	struct cloud *cloud;
	struct order_item items[ITEMS_MAX];
	size_t item_count;
	struct subscription subscriptions[SUBSCRIPTIONS_MAX];
	size_t subscription_count;
	bool include_parked;
	struct plan_gate gate;
	struct share max_errors;
	struct budget budget; /* for what takes away: plenty, where a test is about something else */
	bool raise_stop;
	int64_t last_listed; /* live tenants of the last list, 0 never seen */
	int64_t deadline;    /* after the start of a night, 0 none */
	volatile int stop;
	int stop_after_heartbeats; /* 0 never */
	int heartbeats, nights;
	struct arena *arena;
	struct bss_writer *writer; /* NULL: files for the BSS */
	FILE *log;
	/* of the last night */
	struct apply_result result;
	struct error err;
	size_t planned_to_do, planned_parked, planned_deferred;
	unsigned most_in_flight;
};

FIXTURE int setup(void **state)
{
	struct fixture *f = mem_zalloc(sizeof *f);

	f->budget.limit = 1000;
	/* Hundreds of nights: in memory where there is such a folder, since each commit waits for the disk.
	 */
	snprintf(f->folder, sizeof f->folder, "%s/tenantry-provision-XXXXXX",
	    access("/dev/shm", W_OK) == 0 ? "/dev/shm" : "/tmp");
	assert_non_null(mkdtemp(f->folder));
	snprintf(f->ledger_path, sizeof f->ledger_path, "%s/ledger.db", f->folder);
	clock_manual(&f->clock, START_SECONDS * INT64_C(1000));
	f->job = fake_job_new();
	f->job->acronis.connections = 4;
	f->job->acronis.retries = 2;
	f->job->acronis.settle_ms = 5000;
	f->cloud = mmap(NULL, sizeof *f->cloud, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	assert_true(f->cloud != MAP_FAILED);
	f->cloud->delay_ms = 50;
	f->arena = arena_new();
	f->log = tmpfile();
	log_setup(&(struct log_settings){.level = LOG_INFO, .out = f->log});
	*state = f;
	return 0;
}

FIXTURE void remove_files(const char *folder)
{
	char name[512];
	DIR *dir = opendir(folder);

	for (struct dirent *entry; dir && (entry = readdir(dir)) != NULL;) {
		snprintf(name, sizeof name, "%s/%s", folder, entry->d_name);
		if (entry->d_name[0] != '.')
			remove(name);
	}
	if (dir)
		closedir(dir);
}

FIXTURE int teardown(void **state)
{
	struct fixture *f = *state;

	remove_files(f->folder);
	rmdir(f->folder);
	munmap(f->cloud, sizeof *f->cloud);
	fake_job_free(f->job);
	arena_free(f->arena);
	log_setup(&(struct log_settings){.level = LOG_INFO});
	fclose(f->log);
	free(f);
	return 0;
}

/* Begins anew: empty ledger, empty cloud, no orders. */
FIXTURE void start_over(struct fixture *f)
{
	int64_t delay = f->cloud->delay_ms;

	remove_files(f->folder);
	memset(f->cloud, 0, sizeof *f->cloud);
	f->cloud->delay_ms = delay;
	f->item_count = f->subscription_count = 0;
	f->nights = 0;
}

/* ---- Orders and subscriptions. */

FIXTURE struct order_item *add_order(struct fixture *f, enum action action, unsigned number, const char *tier)
{
	struct order_item *item = &f->items[f->item_count++];
	struct arena *a = f->arena;

	*item = (struct order_item){.key = arena_printf(a, "main/O-%zu", f->item_count),
	    .order_id = arena_printf(a, "O-%zu", f->item_count),
	    .item_id = "",
	    .account_id = arena_printf(a, "A%u", number),
	    .account = arena_printf(a, "Reseller %u", number),
	    .email = arena_printf(a, "owner@reseller%u.example.com", number),
	    .login = arena_printf(a, "owner@reseller%u.example.com", number),
	    .first_name = "Ada",
	    .last_name = "Example",
	    .phone = "",
	    .address1 = "1 Example Street",
	    .address2 = "",
	    .city = "Exampleton",
	    .region = "",
	    .post_code = "12345",
	    .country = "US",
	    .subscription_id = "",
	    .product_code = "",
	    .tier_text = "",
	    .action = action,
	    .tier = tier ? job_tier_by_name(f->job, strv_of(tier)) : NULL,
	    .currency = "USD",
	    .order_date = {2026, 11, 20},
	    .source = "orders.csv",
	    .line = 2};
	snprintf(item->digest, sizeof item->digest, "content-of-%zu", f->item_count);
	return item;
}

FIXTURE struct subscription *add_subscription(
    struct fixture *f, unsigned number, const char *tier, const char *external_id)
{
	struct subscription *s = &f->subscriptions[f->subscription_count++];

	*s = (struct subscription){.id = arena_printf(f->arena, "S-%u", number),
	    .account_id = arena_printf(f->arena, "A%u", number),
	    .account = arena_printf(f->arena, "Reseller %u", number),
	    .username = arena_printf(f->arena, "owner@reseller%u.example.com", number),
	    .sync_status = "Synchronized",
	    .external_id = arena_strdup(f->arena, external_id),
	    .tier_text = tier,
	    .product_code = "",
	    .tier = job_tier_by_name(f->job, strv_of(tier)),
	    .status = SUBSCRIPTION_ACTIVE,
	    .quantity = "1",
	    .currency = "USD",
	    .source = "subscriptions.csv"};
	return s;
}

/* A change of a subscription whose tenant the cloud has, on that tier, made by nobody we know. */
FIXTURE struct cloud_tenant *add_change(
    struct fixture *f, enum action action, unsigned number, const char *from, const char *to)
{
	char name[64], account[16];

	snprintf(name, sizeof name, "Reseller %u", number);
	snprintf(account, sizeof account, "A%u", number);
	struct cloud_tenant *tenant = cloud_add(f->cloud, name, account, "");
	tenant->has_tier = true;
	tenant->tier = job_tier_by_name(f->job, strv_of(from))->acronis;
	struct order_item *item = add_order(f, action, number, to);
	item->subscription_id = add_subscription(f, number, from, tenant->id)->id;
	return tenant;
}

/* ---- A night. */

FIXTURE int on_heartbeat(void *user, struct error *err)
{
	struct fixture *f = user;

	(void)err;
	f->heartbeats++;
	if (f->stop_after_heartbeats && f->heartbeats >= f->stop_after_heartbeats)
		f->stop = 15;
	return 0;
}

struct night {
	struct ledger *ledger;
	struct fake_transport *transport;
	struct acronis_client *client;
	struct acronis_application applications[2];
	struct acronis_offering_item available[CLOUD_ITEMS];
	struct acronis_session session;
	struct arena *arena;
	struct facts *facts;
	struct subscriptions subscriptions;
	struct known_tenant *known;
	size_t known_count;
	struct world *world;
	struct world_proof proof;
	struct plan *plan;
	char run_id[32];
};

FIXTURE void open_session(struct fixture *f, struct night *n)
{
	static const char *const names[CLOUD_ITEMS] = {"storage", "workstations", "notary"};

	n->transport = fake_transport_new(&f->clock);
	cloud_serve(f->cloud, n->transport);
	n->client = acronis_client_new(&(struct acronis_settings){.url = "http://127.0.0.1:1",
					   .client_id = "id",
					   .client_secret = "very-secret",
					   .connections = f->job->acronis.connections,
					   .timeout_ms = 30000,
					   .retries = f->job->acronis.retries,
					   .page_size = 100,
					   .random_seed = 7},
	    fake_transport_base(n->transport), &f->clock);
	n->applications[0] = (struct acronis_application){CLOUD_PLATFORM, "platform", "Platform"};
	n->applications[1] = (struct acronis_application){CLOUD_BACKUP, "backup", "Backup"};
	for (size_t i = 0; i < CLOUD_ITEMS; i++)
		n->available[i] = (struct acronis_offering_item){.application_id = CLOUD_BACKUP,
		    .name = names[i],
		    .infra_id = "",
		    .edition = "standard",
		    .type = "count"};
	n->session = (struct acronis_session){
	    n->client, CLOUD_PARENT, CLOUD_PLATFORM, n->applications, 2, n->available, CLOUD_ITEMS};
}

FIXTURE void load_facts(struct fixture *f, struct night *n)
{
	n->facts = facts_new();
	n->subscriptions = (struct subscriptions){.items = f->subscriptions, .count = f->subscription_count};
	facts_add_subscriptions(n->facts, &n->subscriptions);
	if (ledger_tenants(n->ledger, f->job, n->arena, &n->known, &n->known_count, &f->err) < 0)
		fail_msg("%s", f->err.text);
	for (size_t i = 0; i < n->known_count; i++)
		facts_add_tenant(n->facts, &n->known[i]);
}

/* As a run does, but nothing is remembered of earlier nights, neither how long the list was nor who is gone.
 */
FIXTURE void load_world(struct fixture *f, struct night *n)
{
	struct world_question question = {.job = f->job,
	    .session = &n->session,
	    .clock = &f->clock,
	    .last_listed = f->last_listed ? f->last_listed : -1,
	    .last_elements = -1};
	const char *known[ITEMS_MAX + SUBSCRIPTIONS_MAX];

	for (size_t i = 0; i < n->known_count; i++)
		known[question.known_count++] = n->known[i].tenant_id;
	for (size_t i = 0; i < f->subscription_count; i++)
		known[question.known_count++] = f->subscriptions[i].external_id;
	question.known = known;
	n->world = world_load(&question, n->arena, &n->proof, &f->err);
}

/* As intake does: what is done is ignored, what is parked waits for its decision. */
FIXTURE void make_plan(struct fixture *f, struct night *n)
{
	const struct order_item *items[ITEMS_MAX];
	const struct item_record *records[ITEMS_MAX];
	size_t count = 0;

	for (size_t i = 0; i < f->item_count; i++) {
		struct item_record *record = arena_alloc(n->arena, sizeof *record);
		int found = ledger_item_get(n->ledger, f->items[i].key, n->arena, record, &f->err);
		assert_true(found >= 0);
		if (found &&
		    (record->state == ITEM_DONE || (record->state == ITEM_PARKED && !f->include_parked)))
			continue;
		items[count] = &f->items[i];
		records[count++] = found ? record : NULL;
	}
	n->plan = plan_make(f->job, items, records, count, n->facts, n->world,
	    date_of_ms(clock_wall_ms(&f->clock)), &f->gate);
	f->planned_to_do = n->plan->to_do;
	f->planned_parked = n->plan->parked;
	f->planned_deferred = n->plan->deferred;
}

FIXTURE void begin_night(struct fixture *f, struct night *n)
{
	*n = (struct night){.arena = arena_new()};
	f->err = (struct error){0};
	n->ledger = ledger_open(f->ledger_path, LEDGER_WRITE, &f->clock, &f->err);
	if (!n->ledger)
		fail_msg("%s", f->err.text);
	snprintf(n->run_id, sizeof n->run_id, "run-%03d-%ld", ++f->nights,
	    (long)clock_wall_ms(&f->clock) % 100000000);
	struct run_record run = {
	    .run_id = n->run_id, .job = "nightly", .command = "run", .folder = f->folder};
	assert_int_equal(ledger_run_begin(n->ledger, &run, &f->err), 0);
	open_session(f, n);
	load_facts(f, n);
	load_world(f, n);
}

FIXTURE void end_night(struct fixture *f, struct night *n)
{
	f->most_in_flight = fake_most_in_flight(n->transport);
	plan_free(n->plan);
	world_free(n->world);
	facts_free(n->facts);
	acronis_client_free(n->client);
	fake_transport_free(n->transport);
	ledger_close(n->ledger);
	arena_free(n->arena);
}

FIXTURE int apply_night(struct fixture *f, struct night *n)
{
	struct apply apply = {.job = f->job,
	    .plan = n->plan,
	    .world = n->world,
	    .session = &n->session,
	    .ledger = n->ledger,
	    .writer = f->writer,
	    .clock = &f->clock,
	    .run_id = n->run_id,
	    .folder = f->folder,
	    .max_errors = f->max_errors,
	    .raise_stop = f->raise_stop,
	    .budget = f->budget,
	    .deadline_mono_ms = f->deadline ? clock_mono_ms(&f->clock) + f->deadline : 0,
	    .stop = &f->stop,
	    .heartbeat = on_heartbeat,
	    .user = f};
	struct export_counts exported;
	int rc = apply_run(&apply, &f->result, &f->err);

	if (rc == 0 && !f->writer)
		rc = export_write(n->ledger, f->job, n->run_id, f->folder, &exported, &f->err);
	return rc;
}

FIXTURE int try_night(struct fixture *f)
{
	struct night n;
	int rc = -1;

	begin_night(f, &n);
	if (n.world) {
		make_plan(f, &n);
		rc = apply_night(f, &n);
	}
	end_night(f, &n);
	return rc;
}

FIXTURE void night(struct fixture *f)
{
	if (try_night(f) < 0)
		fail_msg("%s", f->err.text);
	assert_int_equal(f->result.planned, f->result.done + f->result.failed + f->result.parked +
						f->result.deferred + f->result.not_started);
}

/* A night in a child that is killed at the cloud's event `k`. Gives whether it was; the clock moves on. */
FIXTURE bool killed_night(struct fixture *f, unsigned k)
{
	int status = 0;

	f->cloud->events = 0;
	f->cloud->kill_at = k;
	fflush(NULL);
	pid_t child = fork();
	assert_true(child >= 0);
	if (child == 0) {
		int rc = try_night(f);
		_exit(rc < 0 ? 1 : 0);
	}
	assert_int_equal(waitpid(child, &status, 0), child);
	f->nights++;
	f->cloud->kill_at = 0;
	clock_advance(&f->clock, 60000);
	assert_true(WIFEXITED(status));
	assert_true(WEXITSTATUS(status) == 9 || WEXITSTATUS(status) == 0);
	return WEXITSTATUS(status) == 9;
}

/* ---- What the ledger has. */

struct item_state_of {
	enum item_state state;
	enum step step;
	char reason[64], text[700], tenant_id[64], user_id[64];
	int64_t attempts;
	size_t steps, in_doubt, mails;
};
FIXTURE struct item_state_of item_of(struct fixture *f, size_t index)
{
	struct item_state_of out = {0};
	struct item_record record;
	struct step_record *steps = NULL;
	struct arena *arena = arena_new();
	struct error err = {0};
	struct ledger *ledger = ledger_open(f->ledger_path, LEDGER_READ, &f->clock, &err);

	assert_non_null(ledger);
	if (ledger_item_get(ledger, f->items[index].key, arena, &record, &err) == 1) {
		out.state = record.state;
		out.step = record.step;
		out.attempts = record.attempts;
		snprintf(out.reason, sizeof out.reason, "%s", record.reason);
		snprintf(out.text, sizeof out.text, "%s", record.text);
		snprintf(out.tenant_id, sizeof out.tenant_id, "%s", record.tenant_id);
		snprintf(out.user_id, sizeof out.user_id, "%s", record.user_id);
	}
	assert_int_equal(ledger_steps(ledger, f->items[index].key, arena, &steps, &out.steps, &err), 0);
	for (size_t i = 0; i < out.steps; i++) {
		out.in_doubt += steps[i].outcome_at == 0;
		out.mails += strcmp(steps[i].call, "SendActivationEmail") == 0;
	}
	ledger_close(ledger);
	arena_free(arena);
	return out;
}

FIXTURE void assert_item(struct fixture *f, size_t index, enum item_state state, const char *reason)
{
	struct item_state_of item = item_of(f, index);

	if (item.state != state || strcmp(item.reason, reason) != 0)
		fail_msg("item %zu is %s \"%s\" (%s), not %s \"%s\"", index, item_state_name(item.state),
		    item.reason, item.text, item_state_name(state), reason);
}

FIXTURE void assert_text(struct fixture *f, size_t index, const char *wanted)
{
	struct item_state_of item = item_of(f, index);

	if (!strstr(item.text, wanted))
		fail_msg("item %zu says \"%s\", which does not name %s", index, item.text, wanted);
}

/* Exactly one of everything for the order: tenant as ordered, one user with its role, one mail. */
FIXTURE void assert_provisioned(struct fixture *f, size_t index)
{
	const struct order_item *item = &f->items[index];
	size_t tenants = 0, users = 0;

	for (size_t i = 0; i < f->cloud->tenant_count; i++)
		tenants += strcmp(f->cloud->tenants[i].tag, item->key) == 0;
	for (size_t i = 0; i < f->cloud->user_count; i++)
		users += strcmp(f->cloud->users[i].login, item->login) == 0;
	assert_int_equal(tenants, 1);
	assert_int_equal(users, 1);
	const struct cloud_tenant *t = cloud_tenant_by_tag(f->cloud, item->key);
	assert_true(t->enabled && t->has_tier && t->item_on[0] && t->item_on[1] && t->item_on[2]);
	assert_int_equal(t->tier, item->tier->acronis);
	assert_string_equal(t->licensing, "per_gb");
	assert_string_equal(t->mode, "production");
	assert_string_equal(t->currency, item->currency);
	assert_string_equal(t->customer, item->account_id);
	assert_non_null(strstr(t->contact, item->city));
	for (size_t i = 0; i < f->cloud->user_count; i++) {
		const struct cloud_user *u = &f->cloud->users[i];
		if (strcmp(u->login, item->login) != 0)
			continue;
		assert_string_equal(u->tenant, t->id);
		assert_string_equal(u->external, item->key);
		assert_true(u->admin);
		assert_int_equal(u->mails, 1);
	}
}

#endif
