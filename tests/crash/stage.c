/* The stage: files, sandbox, nights; see stage.h. The facts are in facts.c. */
#include "stage.h"

#include <curl/curl.h>
#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "stage_impl.h"
#include "tenantry/mem.h"

enum { NOW_SIZE = 32 };

static const char client_id[] = "7d1b4c02-5a3e-4f86-9c1d-0e2f3a4b5c6d",
		  client_secret[] = "rehearsal-secret-0123456789";

static const char job_text[] = "name: night\n"
			       "root: %s\n"
			       "steps: [validate, provision, reconcile, report]\n"
			       "ledger: var/night.db\n"
			       "output: var/runs\n"
			       "bss:\n"
			       "  name: main\n"
			       "  orders: {csv: orders.csv}\n"
			       "  subscriptions: {csv: subscriptions.csv}\n"
			       "acronis:\n"
			       "  url: {env: TENANTRY_ACRONIS_URL}\n"
			       "  client_id: {env: ACRONIS_CLIENT_ID}\n"
			       "  client_secret: {env: ACRONIS_CLIENT_SECRET}\n"
			       "  parent: auto\n"
			       "  connections: %d\n"
			       "  rate: 0\n"
			       "  timeout: %s\n"
			       "  retries: %d\n"
			       "  settle: 2ms\n"
			       "contract:\n"
			       "  licensing_mode: per_gb\n"
			       "  offering_items: all\n"
			       "  mfa: %s\n"
			       "  tiers:\n"
			       "    - {name: Tier 1, product: CCSP-T1, acronis: 0, commitment: {USD: 250}}\n"
			       "    - {name: Tier 2, product: CCSP-T2, acronis: 1, commitment: {USD: 500}}\n"
			       /* One is asked for: a night that goes on must not count it again. */
			       "provision: {max_disables: 1}\n"
			       "report: {formats: [%shtml, csv, json], metrics: var/night.prom}\n";

static const char orders_text[] =
    "Order Id,Order Item Id,Order Date,Order Status,Channel,Action,Account Id,Account,Is Reseller,Product Code,Tier,Quantity,Currency,"
    "Email,First Name,Last Name,Phone,Address 1,City,Post Code,Country Code,Terms Accepted,Subscription Id\n"
    "ORD-101,OI-101,2026-11-18,Submitted,Storefront,new,101,Reseller 101 Ltd,true,CCSP-T1,Tier 1,1,USD,"
    "admin@r101.example.com,Ann,Lee,+1 555 0100,1 Main Street,Boston,02110,US,true,\n"
    "ORD-102,OI-102,2026-11-18,Submitted,BSS,new,102,Reseller 102 GmbH,true,CCSP-T2,Tier 2,1,EUR,"
    "admin@r102.example.com,Bo,Lind,+49 555 0100,2 Main Street,Berlin,10115,DE,,\n"
    "ORD-203,OI-203,2026-11-18,Submitted,BSS,upgrade,203,Reseller 203 Ltd,true,CCSP-T2,Tier 2,1,USD,"
    "admin@r203.example.com,,,,3 Main Street,Boston,02110,US,,SUB-203\n"
    "ORD-204,OI-204,2026-11-18,Submitted,BSS,suspend,204,Reseller 204 Ltd,true,,,1,USD,"
    "admin@r204.example.com,,,,4 Main Street,Boston,02110,US,,SUB-204\n";

/* Other accounts' orders, as an export has them whose ids begin anew. */
enum { REUSED_ROWS = 4 };
static const char reused_text[] =
    "Order Id,Order Item Id,Order Date,Order Status,Channel,Action,Account Id,Account,Is Reseller,Product Code,Tier,Quantity,Currency,"
    "Email,First Name,Last Name,Phone,Address 1,City,Post Code,Country Code,Terms Accepted,Subscription Id\n"
    "ORD-901,OI-101,2026-11-18,Submitted,BSS,new,901,Reseller 901 Ltd,true,CCSP-T1,Tier 1,1,USD,"
    "admin@r901.example.com,Ann,Lee,,1 Main Street,Boston,02110,US,,\n"
    "ORD-902,OI-102,2026-11-18,Submitted,BSS,new,902,Reseller 902 Ltd,true,CCSP-T2,Tier 2,1,EUR,"
    "admin@r902.example.com,Bo,Lind,,2 Main Street,Berlin,10115,DE,,\n"
    "ORD-203,OI-203,2026-11-18,Submitted,BSS,cancel,203,Reseller 203 Ltd,true,,,1,USD,"
    "admin@r203.example.com,,,,3 Main Street,Boston,02110,US,,SUB-203\n"
    "ORD-904,OI-204,2026-11-20,Submitted,BSS,suspend,204,Reseller 204 Ltd,true,,,1,USD,"
    "admin@r204.example.com,,,,4 Main Street,Boston,02110,US,,SUB-204\n";

/* All that there is is to be switched off. */
enum { FLEET_ROWS = 2 };
static const char fleet_text[] =
    "Order Id,Order Item Id,Order Date,Order Status,Channel,Action,Account Id,Account,Is Reseller,Product Code,Tier,Quantity,Currency,"
    "Email,First Name,Last Name,Phone,Address 1,City,Post Code,Country Code,Terms Accepted,Subscription Id\n"
    "ORD-803,OI-803,2026-11-20,Submitted,BSS,cancel,203,Reseller 203 Ltd,true,,,1,USD,"
    "admin@r203.example.com,,,,3 Main Street,Boston,02110,US,,SUB-203\n"
    "ORD-804,OI-804,2026-11-20,Submitted,BSS,cancel,204,Reseller 204 Ltd,true,,,1,USD,"
    "admin@r204.example.com,,,,4 Main Street,Boston,02110,US,,SUB-204\n";

static const char rejected_text[] =
    "ORD-305,OI-305,2026-11-18,Submitted,BSS,new,305,Reseller 305 Ltd,true,CCSP-T9,Tier 9,2,USD,"
    "admin@r305.example.com,,,,5 Main Street,Boston,02110,US,,\n";

static const char subscriptions_text[] =
    "Subscription Id,Subscription External Id,Account Id,Account,Username,Product Code,Tier,Status,Quantity,Currency,Start Date,Updated At\n"
    "SUB-203,20030000-0000-4000-8000-000000000203,203,Reseller 203 Ltd,admin@r203.example.com,CCSP-T1,Tier 1,Active,1,USD,2026-01-01,"
    "2026-01-01T00:00:00Z\n"
    "SUB-204,20040000-0000-4000-8000-000000000204,204,Reseller 204 Ltd,admin@r204.example.com,CCSP-T1,Tier 1,Active,1,USD,2026-01-01,"
    "2026-01-01T00:00:00Z\n";

#define SEED_TENANT(n)                                                                                       \
	"{\"id\": \"20" n "0000-0000-4000-8000-0000000002" n "\", \"name\": \"Reseller 2" n                  \
	" Ltd\", \"customer_id\": \"2" n                                                                     \
	"\", \"tier\": 0, \"licensing_mode\": \"per_gb\", \"offering_items\": \"all\","                      \
	" \"pricing\": {\"mode\": \"production\", \"currency\": \"USD\"},"                                   \
	" \"users\": [{\"login\": \"admin@r2" n                                                              \
	".example.com\", \"roles\": [\"partner_admin\"], \"activated\": true}]}"
static const char seed_text[] = "{\"tenants\": [" SEED_TENANT("03") ", " SEED_TENANT("04") "]}\n";

void stage_die(const char *format, ...)
{
	va_list args;

	va_start(args, format);
	fputs("not ok the stage: ", stdout);
	vprintf(format, args);
	fputs("\n", stdout);
	va_end(args);
	exit(2);
}

/* ---- Files. */

char *stage_path(const struct stage *stage, const char *name)
{
	return mem_printf("%s/%s", stage->folder, name);
}

char *stage_read(const char *path)
{
	struct strbuf text = {0};
	char block[8192];
	size_t n;
	FILE *file = fopen(path, "r");

	while (file && (n = fread(block, 1, sizeof block, file)) > 0)
		strbuf_add(&text, block, n);
	if (file)
		fclose(file);
	return strbuf_take(&text);
}

static void write_file(const struct stage *stage, const char *name, const char *format, ...)
    __attribute__((format(printf, 3, 4)));
static void write_file(const struct stage *stage, const char *name, const char *format, ...)
{
	char *path = stage_path(stage, name);
	FILE *file = fopen(path, "w");
	va_list args;

	if (!file)
		stage_die("%s: %s", path, strerror(errno));
	va_start(args, format);
	vfprintf(file, format, args);
	va_end(args);
	fclose(file);
	free(path);
}

/* Facts older than the first night by more than the job allows would stop it. */
static void set_time(const struct stage *stage, const char *name)
{
	const struct timespec evening = {.tv_sec = 1795128000 /* 2026-11-19T22:40Z */},
			      times[] = {evening, evening};
	char *path = stage_path(stage, name);

	if (utimensat(AT_FDCWD, path, times, 0) < 0)
		stage_die("%s: %s", path, strerror(errno));
	free(path);
}

static int remove_entry(const char *path, const struct stat *st, int type, struct FTW *at)
{
	(void)st;
	(void)type;
	(void)at;
	return remove(path);
}

static void remove_tree(const char *path)
{
	nftw(path, remove_entry, 16, FTW_DEPTH | FTW_PHYS);
}

/* ---- Processes. */

/* With stdout and stderr in a file. The child dies with us, whatever ends us. */
static pid_t start(struct stage *stage, const char *output, char *const *arguments)
{
	pid_t parent = getpid(), pid = fork();

	if (pid < 0)
		stage_die("fork: %s", strerror(errno));
	if (pid > 0)
		return pid;
	char *path = stage_path(stage, output);
	int out = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0600), in = open("/dev/null", O_RDONLY);
	if (prctl(PR_SET_PDEATHSIG, SIGKILL) < 0 || getppid() != parent || out < 0 || in < 0 ||
	    dup2(in, 0) < 0 || dup2(out, 1) < 0 || dup2(out, 2) < 0 || chdir(stage->folder) < 0)
		_exit(126);
	execv(arguments[0], arguments);
	_exit(127);
}

static int wait_for(pid_t pid)
{
	int status;

	while (waitpid(pid, &status, 0) < 0)
		if (errno != EINTR)
			stage_die("waitpid: %s", strerror(errno));
	return WIFSIGNALED(status) ? -WTERMSIG(status) : WEXITSTATUS(status);
}

static void stop_sandbox(struct stage *stage)
{
	if (stage->sandbox <= 0)
		return;
	kill(stage->sandbox, SIGKILL);
	wait_for(stage->sandbox);
	stage->sandbox = 0;
}

static void start_sandbox(struct stage *stage)
{
	const struct timespec moment = {.tv_nsec = 1000000};
	char *port_file = stage_path(stage, "port"), *port = NULL, page_size[16];
	char *arguments[] = {(char *)stage->settings.sandbox, "--port-file", "port", "--seed", "seed.json",
	    "--client-id", (char *)client_id, "--client-secret", (char *)client_secret, "--random-seed", "7",
	    "--now", "2026-11-20T01:30:00Z" /* or dates in Retry-After are far away */, "--quiet",
	    "--page-size", page_size, NULL};

	snprintf(page_size, sizeof page_size, "%d", stage->settings.page_size);

	unlink(port_file);
	stage->sandbox = start(stage, "sandbox.out", arguments);
	while (!port || !strchr(port, '\n')) {
		if (waitpid(stage->sandbox, NULL, WNOHANG) != 0)
			stage_die("the sandbox did not start: see %s/sandbox.out", stage->folder);
		nanosleep(&moment, NULL);
		free(port);
		port = stage_read(port_file);
	}
	snprintf(stage->url, sizeof stage->url, "http://127.0.0.1:%ld", strtol(port, NULL, 10));
	free(port);
	free(port_file);
}

/* ---- The admin path. */

static size_t take_bytes(char *bytes, size_t size, size_t count, void *user)
{
	strbuf_add(user, bytes, size * count);
	return size * count;
}

static json_t *ask(struct stage *stage, const char *method, const char *path, const char *body)
{
	struct strbuf answer = {0};
	char *url = mem_printf("%s/admin/%s", stage->url, path);
	struct curl_slist *headers = curl_slist_append(NULL, "Content-Type: application/json");

	curl_easy_reset(stage->curl);
	curl_easy_setopt(stage->curl, CURLOPT_URL, url);
	curl_easy_setopt(stage->curl, CURLOPT_PROXY, "");
	curl_easy_setopt(stage->curl, CURLOPT_NOSIGNAL, 1L);
	curl_easy_setopt(stage->curl, CURLOPT_CUSTOMREQUEST, method);
	curl_easy_setopt(stage->curl, CURLOPT_HTTPHEADER, headers);
	curl_easy_setopt(stage->curl, CURLOPT_WRITEFUNCTION, take_bytes);
	curl_easy_setopt(stage->curl, CURLOPT_WRITEDATA, &answer);
	if (body)
		curl_easy_setopt(stage->curl, CURLOPT_POSTFIELDS, body);
	CURLcode code = curl_easy_perform(stage->curl);
	if (code != CURLE_OK)
		stage_die("%s %s: %s", method, url, curl_easy_strerror(code));
	json_t *json = answer.n ? json_loadb(answer.p, answer.n, 0, NULL) : json_null();
	if (!json || json_object_get(json, "error"))
		stage_die("%s %s: %s", method, url, answer.p);
	strbuf_free(&answer);
	curl_slist_free_all(headers);
	free(url);
	return json;
}

json_t *stage_get(struct stage *stage, const char *path)
{
	return ask(stage, "GET", path, NULL);
}

void stage_fault(struct stage *stage, const char *spec)
{
	char *body = spec ? mem_printf("{\"add\": [\"%s\"]}", spec) : mem_strdup("{\"clear\": true}");

	json_decref(ask(stage, "POST", "faults", body));
	free(body);
}

json_int_t stage_hits(struct stage *stage)
{
	json_t *report = stage_get(stage, "faults"), *fault;
	json_int_t hits = 0;
	size_t i;

	json_array_foreach(json_object_get(report, "faults"), i, fault) hits +=
	    json_integer_value(json_object_get(fault, "hits"));
	json_decref(report);
	return hits;
}

json_int_t stage_changes(struct stage *stage)
{
	static const char *const names[] = {"CreateTenant", "UpdateTenant", "DeleteTenant",
	    "ManageTenantMFAStatus", "UpdateTenantPricingSettings", "UpdateTenantApplicationSetting",
	    "SetTenantOfferingItems", "CreateUser", "UpdateUser", "DeleteUser", "UpdateUserAccessPolicies",
	    "SendActivationEmail"};
	json_t *report = stage_get(stage, "requests");
	json_int_t changes = 0;

	for (size_t i = 0; i < ARRAY_LEN(names); i++)
		changes +=
		    json_integer_value(json_object_get(json_object_get(report, "operations"), names[i]));
	json_decref(report);
	json_decref(ask(stage, "DELETE", "requests", NULL));
	return changes;
}

static void write_orders(const struct stage *stage, const char *text)
{
	write_file(stage, "orders.csv", "%s%s", text,
	    text == orders_text && stage->settings.full ? rejected_text : "");
}

/* A night over other orders than the stage's own: gives its exit status and how many changes it made. */
static int other_night(struct stage *stage, int night, const char *text, json_int_t *changes)
{
	stage_changes(stage);
	write_orders(stage, text);
	int status = stage_night(stage, night, 0);
	write_orders(stage, orders_text);
	*changes = stage_changes(stage);
	return status;
}

bool stage_fleet_night(struct stage *stage, int night, const char *name)
{
	json_int_t changes;
	int status = other_night(stage, night, fleet_text, &changes);
	json_t *run = stage_last_run(stage);
	json_int_t held = json_integer_value(json_object_get(json_object_get(run, "budget"), "held"));
	bool well = status == 5 && changes == 0 && held == FLEET_ROWS;

	if (!well)
		printf("    %s: of %d cancellations %d were held back, with %d changes and status %d\n", name,
		    (int)FLEET_ROWS, (int)held, (int)changes, status);
	json_decref(run);
	return well;
}

bool stage_reused_night(struct stage *stage, int night, const char *name)
{
	json_int_t changes;
	int status = other_night(stage, night, reused_text, &changes);
	json_t *run = stage_last_run(stage);
	const json_t *rules = json_object_get(json_object_get(run, "intake"), "rejected_by_rule");
	json_int_t refused = json_integer_value(json_object_get(rules, "order-key-reused"));
	bool well = status == 1 && changes == 0 && refused == REUSED_ROWS;
	if (!well)
		printf("    %s: of %d ids used again %d were refused, with %d changes and status %d\n", name,
		    (int)REUSED_ROWS, (int)refused, (int)changes, status);
	json_decref(run);
	return well;
}

/* ---- The stage itself. */

struct stage *stage_open(const struct stage_settings *settings)
{
	struct stage *stage = mem_zalloc(sizeof *stage);

	stage->settings = *settings;
	stage->folder = mem_printf("%s/stage-%zu", settings->folder, settings->number);
	stage->curl = curl_easy_init();
	if (!stage->curl || (mkdir(stage->folder, 0700) < 0 && errno != EEXIST))
		stage_die("%s: %s", stage->folder, strerror(errno));
	write_file(stage, "job.yaml", job_text, stage->folder, settings->connections, settings->timeout,
	    settings->full ? 1 : 5, settings->mfa ? "true" : "false", settings->full ? "xlsx, " : "");
	write_orders(stage, orders_text);
	write_file(stage, "subscriptions.csv", "%s", subscriptions_text);
	set_time(stage, "subscriptions.csv");
	write_file(stage, "seed.json", "%s", seed_text);
	setenv("ACRONIS_CLIENT_ID", client_id, 1);
	setenv("ACRONIS_CLIENT_SECRET", client_secret, 1);
	unsetenv("TENANTRY_JOB");
	return stage;
}

void stage_close(struct stage *stage)
{
	if (!stage)
		return;
	stop_sandbox(stage);
	curl_easy_cleanup(stage->curl);
	if (!getenv("KEEP"))
		remove_tree(stage->folder);
	free(stage->folder);
	free(stage);
}

void stage_clear(struct stage *stage)
{
	char *var = stage_path(stage, "var");

	stop_sandbox(stage);
	remove_tree(var);
	free(var);
	start_sandbox(stage);
}

static char *night_file(const struct stage *stage, int night, const char *what)
{
	return mem_printf("%s/night-%d.%s", stage->folder, night, what);
}

/* `now` is the last argument, still empty. */
static int play(struct stage *stage, int night, unsigned long crash_at, char *now, char *const *arguments)
{
	char at[32], output[32], *points = night_file(stage, night, "points");

	snprintf(now, NOW_SIZE, "2026-11-20T%02d:30:00Z", night);
	snprintf(at, sizeof at, "%lu", crash_at);
	snprintf(output, sizeof output, "night-%d.out", night);
	unlink(points);
	setenv("TENANTRY_ACRONIS_URL", stage->url, 1);
	setenv("TENANTRY_CRASH_LOG", points, 1);
	setenv("TENANTRY_CRASH_AT", at, 1);
	int status = wait_for(start(stage, output, arguments));
	unsetenv("TENANTRY_CRASH_LOG");
	unsetenv("TENANTRY_CRASH_AT");
	free(points);
	return status;
}

int stage_night(struct stage *stage, int night, unsigned long crash_at)
{
	char now[NOW_SIZE];
	char *arguments[] = {(char *)stage->settings.tenantry, "run", "job.yaml", "--now", now, NULL};

	return play(stage, night, crash_at, now, arguments);
}

int stage_retry(struct stage *stage, int night, unsigned long crash_at)
{
	char now[NOW_SIZE];
	char *arguments[] = {
	    (char *)stage->settings.tenantry, "retry", "last", "--job", "job.yaml", "--now", now, NULL};

	return play(stage, night, crash_at, now, arguments);
}

char *stage_points(const struct stage *stage, int night)
{
	char *path = night_file(stage, night, "points"), *text = stage_read(path);

	free(path);
	return text;
}

static void say(const char *path, const char *name)
{
	char *text = stage_read(path), *rest = text, *line;

	while ((line = strsep(&rest, "\n")) != NULL)
		if (line[0])
			printf("      %s: %s\n", name, line);
	free(text);
}

void stage_say(const struct stage *stage, int night)
{
	char *path = night_file(stage, night, "out"), name[32];

	snprintf(name, sizeof name, "night %d", night);
	say(path, name);
	free(path);
}

bool stage_verify(struct stage *stage, const char *name)
{
	char *arguments[] = {(char *)stage->settings.tenantry, "verify", "all", "--job", "job.yaml", NULL};
	int status = wait_for(start(stage, "verify.out", arguments));

	if (status == 0)
		return true;
	char *path = stage_path(stage, "verify.out");
	printf("    %s: verify ends with %d\n", name, status);
	say(path, "verify");
	free(path);
	return false;
}
