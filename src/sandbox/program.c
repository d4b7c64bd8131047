/* Options and help texts of tenantry-sandbox, and how they become settings. */
#include "sandbox/program.h"

#include <stdio.h>

#include "sandbox/fault.h"
#include "sandbox/sandbox.h"
#include "sandbox/server.h"
#include "tenantry/digest.h"
#include "tenantry/log.h"
#include "tenantry/str.h"

#define OPTIONS(X) /* id, name, letter, type, argument, choices, default, help */                            \
	X(LISTEN, "listen", 0, OPTION_TEXT, "ADDRESS", NULL, "127.0.0.1", "address to listen on")            \
	X(ALLOW_REMOTE, "allow-remote", 0, OPTION_FLAG, NULL, NULL, NULL,                                    \
	    "lets --listen name an address that other machines reach")                                       \
	X(PORT, "port", 'p', OPTION_COUNT, "N", NULL, "0", "port; 0 lets the kernel choose a free one")      \
	X(PORT_FILE, "port-file", 0, OPTION_TEXT, "FILE", NULL, NULL,                                        \
	    "writes the port number there once requests are answered")                                       \
	X(TLS, "tls", 0, OPTION_FLAG, NULL, NULL, NULL, "https, with a certificate made at the start")       \
	X(TLS_EXPIRED, "tls-expired", 0, OPTION_FLAG, NULL, NULL, NULL,                                      \
	    "https with certificates that ended yesterday, to see a client refuse them")                     \
	X(TLS_HOST, "tls-host", 0, OPTION_TEXT, "NAME", NULL, "where it listens",                            \
	    "https with a certificate for this host and no other, to see a client refuse it")                \
	X(TLS_VERSION, "tls-version", 0, OPTION_CHOICE, "VERSION", "1.0|1.1|1.2|1.3", "1.2 and 1.3",         \
	    "https in this version of TLS only")                                                             \
	X(CA_OUT, "ca-out", 0, OPTION_TEXT, "FILE", NULL, NULL,                                              \
	    "writes the certificate authority there (PEM), for the client to verify with")                   \
	X(STATE, "state", 's', OPTION_TEXT, "FILE", NULL, "memory",                                          \
	    "keeps the state in this file, so that a stopped sandbox goes on where it was")                  \
	X(SEED, "seed", 0, OPTION_TEXT, "FILE", NULL, NULL,                                                  \
	    "JSON that says what stands there at first; read only while the state is empty")                 \
	X(CLIENT_ID, "client-id", 0, OPTION_TEXT, "UUID", NULL, "a well-known one", "id of the API client")  \
	X(CLIENT_SECRET, "client-secret", 0, OPTION_TEXT, "TEXT", NULL, "a well-known one",                  \
	    "secret of the API client")                                                                      \
	X(PAGE_SIZE, "page-size", 0, OPTION_COUNT, "N", NULL, "as asked",                                    \
	    "most rows in one page, to force paging")                                                        \
	X(TOKEN_LIFE, "token-life", 0, OPTION_DURATION, "DURATION", NULL, "2h",                              \
	    "how long an access token is good")                                                              \
	X(LATENCY, "latency", 0, OPTION_DURATION, "DURATION", NULL, "0ms",                                   \
	    "each answer comes this much later")                                                             \
	X(REQUEST_LOG, "request-log", 0, OPTION_TEXT, "FILE", NULL, NULL,                                    \
	    "appends a JSON line for each request: what was asked, answered, injected and assumed")          \
	X(FAULT, "fault", 0, OPTION_LIST, "SPEC", NULL, NULL, "makes something go wrong (see FAULTS)")       \
	X(RANDOM_SEED, "random-seed", 0, OPTION_COUNT, "N", NULL, NULL,                                      \
	    "the same ids and the same random faults in each run with this number")                          \
	X(NOW, "now", 0, OPTION_TIME, "TIME", NULL, "the machine's clock", "time at the start")              \
	X(TIER_RANGE, "tier-range", 0, OPTION_TEXT, "LOW..HIGH", NULL, "-2..7",                              \
	    "values that tier_level_value takes")                                                            \
	X(LENIENT, "lenient", 0, OPTION_FLAG, NULL, NULL, NULL,                                              \
	    "takes what the real service takes from old scripts: numbers as text, unknown members")          \
	X(QUIET, "quiet", 'q', OPTION_FLAG, NULL, NULL, NULL, "no greeting")

enum {
#define X(id, ...) OPT_##id,
	OPTIONS(X)
#undef X
	    OPT_COUNT
};

static const struct option options[] = {
#define X(id, name, letter, type, argument, choices, fallback, help)                                         \
	{name, letter, type, argument, choices, fallback, help},
    OPTIONS(X)
#undef X
	{0},
};

static const char faults_text[] =
    "--fault OPERATION:KIND[:name=value]..., repeatable; POST /admin/faults adds and clears them while it runs.\n"
    "OPERATION is an operation id of the API description (CreateTenant, UpdateTenantApplicationSetting, "
    "SendActivationEmail, ...), a method (POST), or * for all. When several fit a request, the first that is due "
    "is played. Kinds:\n\n"
#define X(kind, name, help) "  " name "\n      " help "\n"
    FAULT_KINDS_OF_ANSWERS(X)
#undef X
	"\nKinds for what gives a list (FetchTenantsBatch, FetchUsersBatch, FetchTenantOfferingItemsBatch, "
	"FetchTenantUsers, Search, ...). They count the pages that they can spoil: end-null has one in each listing. "
	"One of them can be played beside one of the kinds above:\n\n"
#define X(kind, name, help, fits) "  " name "\n      " help "\n"
    FAULT_KINDS_OF_LISTS(X)
#undef X
	"\n403 of FetchTenantPriceLists is what a client gets that lacks the scope price_list_reader: it names it.\n"
	"\nWhen (all counted over the requests that fit):\n\n"
	"  nth=N\n      from the Nth request on (default 1)\n"
	"  count=M\n      at most M times (default 1; with every or percent, and for list-endless, list-same-page and "
	"list-flood, no end); 0 is no end\n"
	"  every=K\n      each Kth from there\n"
	"  percent=P\n      by chance, P of a hundred (see --random-seed)\n"
	"  match=TEXT\n      only requests with this text in address or body, such as an account id (without a colon); a "
	"page belongs to the address that its listing began with, so parent_id, uuids and updated_since tell listings "
	"apart; !TEXT: only those without it\n"
	"  page=K\n      only the Kth page of a listing\n\n"
	"Examples:\n\n  CreateTenant:lost-after:nth=3\n  *:500:percent=1\n  POST:429:retry-after=2:count=5\n"
	"  SendActivationEmail:mail-refused:match=user-17\n  FetchTenantsBatch:list-cut:page=2:match=!updated_since\n"
	"  FetchTenantsBatch:list-short:holds=ACC-17:count=0\n  FetchTenantsBatch:list-stale:for=30s:count=0";

static const char seed_text[] =
    "A JSON object; every member is optional, unknown ones are errors:\n\n"
    "  {\"client\": {\"id\": UUID, \"secret\": TEXT},\n"
    "   \"distributor\": {\"id\": UUID, \"name\": TEXT},\n"
    "   \"tenants\": [ ... ]}\n\n"
    "A tenant stands below the distributor, below \"parent\" (the id of an earlier tenant), or in another one's "
    "\"children\". Only its name is needed:\n\n"
    "  {\"id\": UUID, \"name\": TEXT, \"kind\": \"partner\", \"parent\": UUID,\n"
    "   \"customer_id\": TEXT, \"internal_tag\": TEXT, \"language\": \"en\",\n"
    "   \"enabled\": true, \"deleted\": false, \"mfa\": false, \"created_at\": TIME,\n"
    "   \"lock_owner\": UUID, \"contact\": {\"email\": TEXT, \"address1\": TEXT, ...},\n"
    "   \"billing_contact\": {...},\n"
    "   \"tier\": INTEGER, \"licensing_mode\": \"per_gb\", \"settings\": {NAME: VALUE},\n"
    "   \"commitment\": what its price list says in place of the tier's amount,\n"
    "   \"pricing\": {\"mode\": \"production\", \"currency\": \"USD\", \"production_start_date\": TIME},\n"
    "   \"offering_items\": \"all\" or [NAME or {\"name\": NAME, \"status\": 0, \"value\": 5, \"overage\": 10}],\n"
    "   \"usages\": {ITEM: INTEGER},\n"
    "   \"users\": [{\"login\": TEXT, \"id\": UUID, \"email\": TEXT, \"contact\": {...},\n"
    "              \"roles\": [\"partner_admin\"], \"enabled\": true, \"activated\": false,\n"
    "              \"deleted\": false, \"external_id\": TEXT, \"mails\": 0}],\n"
    "   \"children\": [ ... ]}\n\n"
    "\"tier\" is the value of the setting tier_level_value as Acronis counts it, not the number in a product's name. "
    "Price lists say the amounts of the sample jobs for it; all but 0, 250 and 25,000 USD are invented.";

static const char admin_text[] =
    "Beside the API, for programs on the same machine (loopback peers, no Origin header), without a token:\n\n"
    "  GET /admin/state\n      all tenants below the distributor with users, settings, pricing and items, in a fixed "
    "order; ?stable=1 without ids, versions and times, for comparing two runs; ?all=1 from the root\n"
    "  GET /admin/mails\n      the activation mails that were sent\n"
    "  GET /admin/requests, DELETE /admin/requests\n      how often each operation was called; DELETE begins again\n"
    "  GET /admin/faults, POST /admin/faults {\"clear\": true, \"add\": [SPEC, ...]}\n      faults and how often they hit\n"
    "  POST /admin/drift\n      what somebody does in the portal: {\"tenant\": ID or customer id or name, and any of "
    "\"tier\", \"licensing_mode\", \"commitment\", \"enabled\", \"name\", \"parent\", \"customer_id\", \"internal_tag\", \"currency\", "
    "\"pricing_mode\", \"settings\", \"offering_items\", \"usages\", \"contact\", \"lock_owner\", \"delete\", \"restore\"}; "
    "{\"user\": LOGIN, and any of \"login\", \"enabled\", \"activated\", \"contact\", \"delete\"}; "
    "{\"add\": a tenant as in a seed file}; several at once as {\"changes\": [...]}, all or none\n"
    "  POST /admin/expire-tokens\n      all tokens are gone\n"
    "  POST /admin/stop\n      as SIGTERM";

static const char real_text[] =
    "What Acronis documents is done as documented. The rest is a choice; every answer that rests on one says so in "
    "\"notes\" of the request log. It is stricter than the real service on purpose: a number sent as text, an unknown "
    "member of a body, a stale version and an unencoded cursor are refused, so that what works here works there. "
    "--lenient relaxes the first two. Nothing is ever sent anywhere: no mail, no bill.";

static const struct heading_text sections[] = {
    {"FAULTS", faults_text},
    {"SEED FILE", seed_text},
    {"ADMIN PATH", admin_text},
    {"WHAT IS REAL", real_text},
    {"SIGNALS",
	"SIGTERM and SIGINT stop it: requests that were asked get their answers, the state is kept, exit status 0."},
    {NULL, NULL},
};

static int read_tiers(const struct option_value *value, struct sandbox_settings *s, struct error *err)
{
	struct strv text = strv_of(value->text);
	char *dots = value->set ? strstr(value->text, "..") : NULL;

	s->tier_low = -2;
	s->tier_high = 7;
	if (!value->set)
		return 0;
	if (dots && strv_to_int64((struct strv){text.p, (size_t)(dots - text.p)}, &s->tier_low) &&
	    strv_to_int64(strv_of(dots + 2), &s->tier_high) && s->tier_low <= s->tier_high)
		return 0;
	return error_set(err, ERR_USAGE, "--tier-range: \"%s\" is not LOW..HIGH", value->text);
}

static int read_settings(const struct invocation *in, struct sandbox_settings *s, struct error *err)
{
	const struct option_value *v = in->values;

	*s = (struct sandbox_settings){.listen = v[OPT_LISTEN].set ? v[OPT_LISTEN].text : "127.0.0.1",
	    .port_file = v[OPT_PORT_FILE].text,
	    .ca_out = v[OPT_CA_OUT].text,
	    .state = v[OPT_STATE].text,
	    .seed = v[OPT_SEED].text,
	    .request_log = v[OPT_REQUEST_LOG].text,
	    .client_id = v[OPT_CLIENT_ID].text,
	    .client_secret = v[OPT_CLIENT_SECRET].text,
	    .port = (uint16_t)v[OPT_PORT].number,
	    .allow_remote = v[OPT_ALLOW_REMOTE].set,
	    .tls = v[OPT_TLS].set || v[OPT_TLS_EXPIRED].set || v[OPT_TLS_HOST].set || v[OPT_TLS_VERSION].set,
	    .tls_host = v[OPT_TLS_HOST].text,
	    .tls_version = v[OPT_TLS_VERSION].text,
	    .tls_expired = v[OPT_TLS_EXPIRED].set,
	    .lenient = v[OPT_LENIENT].set,
	    .quiet = v[OPT_QUIET].set,
	    .seeded = v[OPT_RANDOM_SEED].set,
	    .random_seed = (uint64_t)v[OPT_RANDOM_SEED].number,
	    .page_size = v[OPT_PAGE_SIZE].number,
	    .token_life_ms = v[OPT_TOKEN_LIFE].set ? v[OPT_TOKEN_LIFE].number : 7200000,
	    .latency_ms = v[OPT_LATENCY].number,
	    .now_ms = v[OPT_NOW].number,
	    .faults = v[OPT_FAULT].list,
	    .fault_count = v[OPT_FAULT].count};
	if (v[OPT_PORT].number > 65535)
		return error_set(err, ERR_USAGE, "--port: %s is not a port", v[OPT_PORT].text);
	if (s->client_id && !uuid_is(strv_of(s->client_id)))
		return error_set(err, ERR_USAGE, "--client-id: \"%s\" is not a UUID", s->client_id);
	if (s->ca_out && !s->tls)
		return error_set(err, ERR_USAGE, "--ca-out needs --tls");
	return read_tiers(&v[OPT_TIER_RANGE], s, err);
}

static int run(const struct invocation *in, struct error *err)
{
	struct sandbox_settings settings;
	struct sandbox box;
	struct clock shifted, *clock = clock_machine();

	if (read_settings(in, &settings, err) < 0)
		return -1;
	if (settings.now_ms) {
		clock_shifted(&shifted, settings.now_ms);
		clock = &shifted;
	}
	if (sandbox_open(&box, &settings, clock, err) < 0)
		return -1;
	int rc = server_run(&box, err);
	sandbox_close(&box);
	return rc;
}

static const struct command commands[] = {
    {.name = "",
	.arguments = "",
	.summary = "a local stand-in for the Acronis account management API",
	.text =
	    "Answers the calls of the Acronis account management API on this machine, with real state: tenants, users, "
	    "offering items, pricing and the tier settings. Rehearse a night with it, break it on purpose, and look at what "
	    "came out. Requests go to the url that it prints when it starts; the API description is that of Acronis.",
	.examples = "tenantry-sandbox\n"
		    "tenantry-sandbox --port 8480 --state sandbox.db --request-log requests.ndjson\n"
		    "tenantry-sandbox --tls --ca-out ca.pem --seed samples/sandbox-seed.json\n"
		    "tenantry-sandbox --fault CreateTenant:lost-after:nth=3 --latency 50ms",
	.max_args = 0,
	.options = OPTION_BIT(OPT_COUNT) - 1,
	.run = run},
    {0},
};

const struct program sandbox_program = {
    .name = "tenantry-sandbox",
    .summary = "a local stand-in for the Acronis cloud",
    .text = "tenantry-sandbox answers the calls of the Acronis account management API from its own state.",
    .options = options,
    .commands = commands,
    .sections = sections,
};
