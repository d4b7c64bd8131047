/* The client against the real sandbox over TLS: the calls of one provisioning in their order, and the faults
 * that the sandbox injects. The sandbox comes from the folder in TENANTRY_BUILD; without it the tests are
 * skipped. */
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <fcntl.h>
#include <poll.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "tenantry/acronis.h"
#include "tenantry/mem.h"

#define CLIENT_ID "11111111-2222-4333-8444-555555555555"

enum { READY_TRIES = 1000, READY_PAUSE_MS = 10 };

struct stage {
	char folder[64], port_file[96], ca_file[96], url[64];
	pid_t child;
	struct transport *transport;
	struct acronis_client *client;
	struct acronis_session session;
	struct arena *arena;
};

static _Noreturn void become_sandbox(const struct stage *s, const char *program, const char *fault)
{
	int null = open("/dev/null", O_WRONLY | O_CLOEXEC);

	prctl(PR_SET_PDEATHSIG, SIGKILL);
	dup2(null, 1);
	execl(program, program, "--quiet", "--tls", "--port-file", s->port_file, "--ca-out", s->ca_file,
	    "--client-id", CLIENT_ID, "--client-secret", "a-secret-for-tests", "--page-size", "3",
	    fault ? "--fault" : NULL, fault, (char *)NULL);
	_exit(127);
}

static int read_port(const struct stage *s)
{
	FILE *file = fopen(s->port_file, "r");
	int port = 0;

	if (file && fscanf(file, "%d", &port) != 1)
		port = 0;
	if (file)
		fclose(file);
	return port;
}

static void start_sandbox(struct stage *s, const char *fault)
{
	const char *build = getenv("TENANTRY_BUILD");
	char program[512];
	int port = 0;

	snprintf(program, sizeof program, "%s/tenantry-sandbox", build ? build : ".");
	if (!build || access(program, X_OK) != 0) {
		print_message("no sandbox in TENANTRY_BUILD: skipped\n");
		skip();
	}
	snprintf(s->folder, sizeof s->folder, "/tmp/client-sandbox.XXXXXX");
	assert_non_null(mkdtemp(s->folder));
	snprintf(s->port_file, sizeof s->port_file, "%s/port", s->folder);
	snprintf(s->ca_file, sizeof s->ca_file, "%s/ca.pem", s->folder);
	s->child = fork();
	if (s->child == 0)
		become_sandbox(s, program, fault);
	for (int i = 0; i < READY_TRIES && (port = read_port(s)) == 0; i++)
		poll(NULL, 0, READY_PAUSE_MS);
	assert_true(port > 0);
	snprintf(s->url, sizeof s->url, "https://localhost:%d", port);
}

static void open_stage(struct stage *s, const char *fault)
{
	struct error err = {0};

	memset(s, 0, sizeof *s);
	start_sandbox(s, fault);
	s->arena = arena_new();
	s->transport = transport_curl_new(&(struct transport_settings){.ca_file = s->ca_file,
					      .connections = 4,
					      .body_limit = 8 << 20,
					      .connect_timeout_ms = 10000,
					      .http2 = true},
	    &err);
	assert_non_null(s->transport);
	s->client = acronis_client_new(&(struct acronis_settings){.url = s->url,
					   .client_id = CLIENT_ID,
					   .client_secret = "a-secret-for-tests",
					   .connections = 4,
					   .timeout_ms = 20000,
					   .retries = 3,
					   .page_size = 3,
					   .random_seed = 7},
	    s->transport, clock_machine());
}

static void open_session(struct stage *s, const char *fault)
{
	struct error err = {0};

	open_stage(s, fault);
	if (acronis_session_open(s->client, CLIENT_ID, NULL, true, s->arena, &s->session, &err) < 0)
		fail_msg("%s", err.text);
}

static void close_stage(struct stage *s)
{
	acronis_client_free(s->client);
	transport_close(s->transport);
	arena_free(s->arena);
	kill(s->child, SIGKILL);
	waitpid(s->child, NULL, 0);
	unlink(s->port_file);
	unlink(s->ca_file);
	rmdir(s->folder);
}

static struct acronis_answer ask(struct stage *s, const struct acronis_request *request)
{
	struct acronis_answer answer;
	struct error err = {0};

	assert_int_equal(acronis_call_wait(s->client, request, &answer, &err), 0);
	return answer;
}

/* The body of an answer that must be good; dropped by the caller. */
static json_t *good(struct stage *s, const struct acronis_request *request)
{
	struct acronis_answer answer = ask(s, request);

	if (answer.result != API_OK)
		fail_msg("%s", answer.text);
	return (json_t *)answer.body;
}

static json_t *new_tenant(const struct stage *s, const char *account)
{
	struct acronis_tenant_new tenant = {.name = account,
	    .parent_id = s->session.parent,
	    .customer_id = account,
	    .internal_tag = account,
	    .contact = {.email = "ada@example.com",
		.first_name = "Ada",
		.last_name = "Meyer",
		.phone = "",
		.address1 = "S 1",
		.address2 = "",
		.city = "Kiel",
		.state = "",
		.zipcode = "24103",
		.country = "DE"}};

	return acronis_tenant_create_body(&tenant);
}

static const char *make_tenant(struct stage *s, const char *account)
{
	struct acronis_tenant tenant;
	struct error err = {0};
	json_t *body =
	    good(s, &(struct acronis_request){.call = CALL_TENANT_CREATE, .body = new_tenant(s, account)});

	assert_int_equal(acronis_tenant_decode(body, s->arena, &tenant, &err), 0);
	assert_string_equal(tenant.customer_id, account);
	assert_string_equal(tenant.internal_tag, account);
	assert_string_equal(tenant.kind, "partner");
	assert_true(tenant.contact.legal && tenant.contact.billing);
	json_decref(body);
	return tenant.id;
}

static void set_services_and_pricing(struct stage *s, const char *id)
{
	struct acronis_pricing pricing;
	struct error err = {0};
	json_t *body = good(
	    s, &(struct acronis_request){.call = CALL_OFFERING_ITEMS_SET,
		   .a = id,
		   .body = acronis_offering_items_body(s->session.available, s->session.available_count)});

	json_decref(body);
	body = good(s, &(struct acronis_request){.call = CALL_PRICING, .a = id});
	assert_int_equal(acronis_pricing_decode(body, s->arena, &pricing, &err), 0);
	json_decref(body);
	body = good(s, &(struct acronis_request){.call = CALL_PRICING_SET,
			   .a = id,
			   .body = acronis_pricing_body(pricing.version, "production", "EUR")});
	assert_int_equal(acronis_pricing_decode(body, s->arena, &pricing, &err), 0);
	assert_string_equal(pricing.currency, "EUR");
	json_decref(body);
	struct acronis_answer answer =
	    ask(s, &(struct acronis_request){.call = CALL_PRICING_SET,
		       .a = id,
		       .body = acronis_pricing_body(pricing.version + 7, "production", "USD")});
	assert_int_equal(answer.result, API_STALE);
	json_decref((json_t *)answer.body);
}

static void set_tier(struct stage *s, const char *id)
{
	struct acronis_request setting = {
	    .call = CALL_SETTING, .a = s->session.platform_id, .b = id, .c = "tier_level_value"};
	struct acronis_setting is;
	struct error err = {0};
	json_t *body = good(s, &setting);

	assert_int_equal(acronis_setting_decode(body, s->arena, &is, &err), 0);
	assert_false(is.has_own);
	json_decref(body);
	setting.call = CALL_SETTING_SET;
	setting.body = acronis_setting_number_body(-1);
	json_decref(good(s, &setting));
	setting.call = CALL_SETTING;
	setting.body = NULL;
	body = good(s, &setting);
	assert_int_equal(acronis_setting_decode(body, s->arena, &is, &err), 0);
	assert_true(is.has_own && is.is_number);
	assert_int_equal(is.number, -1);
	json_decref(body);
}

static void make_user(struct stage *s, const char *tenant_id)
{
	struct acronis_request check = {.call = CALL_CHECK_LOGIN, .query = "username=ada%40example.com"};
	struct acronis_contact contact = {
	    .email = "ada@example.com", .first_name = "Ada", .last_name = "Meyer"};
	struct acronis_user user;
	struct error err = {0};

	json_decref(good(s, &check));
	json_t *body =
	    good(s, &(struct acronis_request){.call = CALL_USER_CREATE,
			.body = acronis_user_create_body(tenant_id, "ada@example.com", "key-1", &contact)});
	assert_int_equal(acronis_user_decode(body, s->arena, &user, &err), 0);
	assert_string_equal(user.tenant_id, tenant_id);
	json_decref(body);
	struct acronis_answer answer = ask(s, &check);
	assert_int_equal(answer.result, API_TAKEN);
	json_decref((json_t *)answer.body);
	json_decref(good(s, &(struct acronis_request){.call = CALL_ACCESS_POLICIES_SET,
				.a = user.id,
				.body = acronis_partner_admin_body(user.id, tenant_id)}));
	json_decref(good(
	    s, &(struct acronis_request){.call = CALL_ACTIVATION_MAIL, .a = user.id, .body = json_object()}));
	json_decref(good(s, &(struct acronis_request){.call = CALL_TENANT_USERS, .a = tenant_id}));
}

/* Whom a search finds: by name and Account Id in any case, not by the tag and not by two letters. */
static size_t found(struct stage *s, const char *text, int64_t limit, struct acronis_hits *hits)
{
	char *query = acronis_search_query(s->session.parent, text, limit);
	json_t *body = good(s, &(struct acronis_request){.call = CALL_SEARCH, .query = query});
	struct error err = {0};

	assert_int_equal(acronis_hits_decode(body, limit, s->arena, hits, &err), 0);
	json_decref(body);
	free(query);
	return hits->count;
}

static void tenants_are_found_by_words(void **state)
{
	struct stage s;
	struct acronis_hits hits;

	(void)state;
	open_session(&s, NULL);
	const char *id = make_tenant(&s, "Account-\303\204\303\226-17");
	make_tenant(&s, "Account-18");
	assert_int_equal(found(&s, "account-\303\244\303\266", 10, &hits), 1);
	assert_true(hits.items[0].is_tenant && !hits.cut);
	assert_string_equal(hits.items[0].id, id);
	assert_string_equal(hits.items[0].parent_id, s.session.parent);
	assert_string_equal(hits.items[0].kind, "partner");
	assert_int_equal(found(&s, "account-", 10, &hits), 2);
	assert_int_equal(found(&s, "account-", 1, &hits), 1);
	assert_true(hits.cut);
	assert_int_equal(found(&s, "\303\204\303\226", 10, &hits), 0);
	assert_int_equal(found(&s, "nobody of that name", 10, &hits), 0);
	close_stage(&s);
}

static void one_partner_from_tenant_to_mail(void **state)
{
	struct stage s;

	(void)state;
	open_session(&s, NULL);
	assert_true(s.session.available_count > 0);
	const char *id = make_tenant(&s, "ACC-1");
	set_services_and_pricing(&s, id);
	set_tier(&s, id);
	make_user(&s, id);
	struct acronis_answer answer =
	    ask(&s, &(struct acronis_request){.call = CALL_TENANT_CREATE, .body = new_tenant(&s, "ACC-1")});
	assert_int_equal(answer.result, API_TAKEN);
	assert_int_equal(answer.platform_code, 1004);
	json_decref((json_t *)answer.body);
	answer = ask(
	    &s, &(struct acronis_request){.call = CALL_TENANT, .a = "99999999-2222-4333-8444-555555555555"});
	assert_int_equal(answer.result, API_NOT_FOUND);
	json_decref((json_t *)answer.body);
	close_stage(&s);
}

static int count_item(void *user, const json_t *item, struct error *err)
{
	(void)item;
	(void)err;
	++*(int *)user;
	return 0;
}

static int list_children(struct stage *s, char timestamp[40])
{
	struct error err = {0};
	char query[128];
	int count = 0;

	snprintf(query, sizeof query, "parent_id=%s", s->session.parent);
	if (acronis_list_wait(s->client,
		&(struct acronis_listing){
		    .call = CALL_TENANTS, .query = query, .item = count_item, .user = &count},
		timestamp, &err) < 0)
		fail_msg("%s", err.text);
	return count;
}

static void all_pages_come(void **state)
{
	struct stage s;
	char timestamp[40];

	(void)state;
	open_session(&s, NULL);
	int before = list_children(&s, timestamp);
	for (int i = 0; i < 10; i++) {
		char account[16];
		snprintf(account, sizeof account, "ACC-%d", i);
		make_tenant(&s, account);
	}
	uint64_t requests = acronis_stats(s.client).requests;
	assert_int_equal(list_children(&s, timestamp), before + 10);
	assert_true(acronis_stats(s.client).requests - requests >= 4);
	assert_true(time_parse(strv_of(timestamp), NULL, NULL));
	close_stage(&s);
}

static void faults_of_a_create(void **state)
{
	static const struct {
		const char *fault;
		enum api_result result;
		int created, tries;
	} cases[] = {
	    {"CreateTenant:lost-after", API_UNKNOWN, 1, 1},
	    {"CreateTenant:lost-before", API_UNKNOWN, 0, 1},
	    {"CreateTenant:500", API_UNKNOWN, 0, 1},
	    {"CreateTenant:500:commit=yes", API_UNKNOWN, 1, 1},
	    {"CreateTenant:503", API_UNKNOWN, 0, 1},
	    {"CreateTenant:cut-body", API_UNKNOWN, 1, 1},
	    {"CreateTenant:html", API_UNKNOWN, 0, 1},
	    {"CreateTenant:1004", API_TAKEN, 0, 1},
	    {"CreateTenant:429:retry-after=0", API_OK, 1, 2},
	    {"CreateTenant:429-no-hint", API_OK, 1, 2},
	    {"CreateTenant:expired-token", API_OK, 1, 2},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct stage s;
		open_session(&s, cases[i].fault);
		int before = list_children(&s, NULL);
		struct acronis_answer answer = ask(&s,
		    &(struct acronis_request){.call = CALL_TENANT_CREATE, .body = new_tenant(&s, "ACC-1")});
		if (answer.result != cases[i].result || answer.tries != cases[i].tries)
			fail_msg("%s: %s, %d tries", cases[i].fault, answer.text, answer.tries);
		json_decref((json_t *)answer.body);
		assert_int_equal(list_children(&s, NULL), before + cases[i].created);
		close_stage(&s);
	}
}

static void faults_of_a_read_are_overcome(void **state)
{
	static const struct {
		const char *fault;
		uint64_t
		    least_repeats; /* a GET that a dying kept connection took along is repeated by libcurl */
	} cases[] = {{"FetchTenantsBatch:500", 1}, {"FetchTenantsBatch:lost-before", 0},
	    {"FetchTenantsBatch:cut-body", 1}, {"FetchTenantsBatch:429:retry-after=0", 1},
	    {"FetchTenantsBatch:expired-token", 1}, {"RequestTokens:503", 1},
	    {"FetchTenantsBatch:html:retry-after=0", 1},
	    {"FetchTenantsBatch:half-json:retry-after=0:count=2", 2},
	    {"FetchTenantsBatch:no-object:retry-after=0", 1}, {"FetchTenantsBatch:no-body:retry-after=0", 1},
	    {"FetchTenantsBatch:wrong-types:retry-after=0", 1},
	    {"FetchTenantsBatch:redirect:retry-after=0", 1}, {"RequestTokens:html:retry-after=0:count=2", 2},
	    {"RequestTokens:wrong-types:retry-after=0", 1}, {"RequestTokens:half-json:retry-after=0", 1},
	    {"RequestTokens:redirect:retry-after=0", 1}, {"FetchClient:wrong-types:retry-after=0", 1},
	    {"FetchApplications:wrong-types:retry-after=0", 1}};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct stage s;
		open_session(&s, cases[i].fault);
		list_children(&s, NULL);
		assert_true(acronis_stats(s.client).repeats >= cases[i].least_repeats);
		close_stage(&s);
	}
}

static void another_authority_is_refused(void **state)
{
	struct stage s;
	struct error err = {0};

	(void)state;
	open_stage(&s, NULL);
	acronis_client_free(s.client);
	transport_close(s.transport);
	s.transport = transport_curl_new(
	    &(struct transport_settings){
		.connections = 1, .body_limit = 1 << 20, .connect_timeout_ms = 10000},
	    &err);
	s.client = acronis_client_new(&(struct acronis_settings){.url = s.url,
					  .client_id = CLIENT_ID,
					  .client_secret = "a-secret-for-tests",
					  .connections = 1,
					  .timeout_ms = 20000},
	    s.transport, clock_machine());
	struct acronis_answer answer = ask(&s, &(struct acronis_request){.call = CALL_APPLICATIONS});
	assert_int_equal(answer.result, API_UNAVAILABLE);
	assert_true(answer.bad_certificate);
	close_stage(&s);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(one_partner_from_tenant_to_mail),
	    cmocka_unit_test(tenants_are_found_by_words),
	    cmocka_unit_test(all_pages_come),
	    cmocka_unit_test(faults_of_a_create),
	    cmocka_unit_test(faults_of_a_read_are_overcome),
	    cmocka_unit_test(another_authority_is_refused),
	};

	return cmocka_run_group_tests_name("client_sandbox", tests, NULL, NULL);
}
