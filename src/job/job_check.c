/* Checks that concern several keys, and look-ups in a job that was read: tiers, currencies, severities,
 * addresses. */
#include <arpa/inet.h>

#include "job/job_impl.h"
#include "tenantry/mem.h"

static const char *const currencies[] = {
#define X(code) #code,
    CURRENCIES(X)
#undef X
};
static const char *const severities[] = {"info", "low", "medium", "high"};

int currency_index(struct strv code)
{
	for (size_t i = 0; i < ARRAY_LEN(currencies); i++)
		if (strv_eq(code, strv_of(currencies[i])))
			return (int)i;
	return -1;
}

const char *severity_name(enum severity severity)
{
	return severities[severity];
}

bool severity_parse(struct strv text, enum severity *out)
{
	for (size_t i = 0; i < ARRAY_LEN(severities); i++) {
		if (strv_eq(text, strv_of(severities[i]))) {
			*out = (enum severity)i;
			return true;
		}
	}
	return false;
}

const struct tier *job_tier_by_name(const struct job *job, struct strv name)
{
	for (size_t i = 0; i < job->contract.tier_count; i++)
		if (strv_eq_nocase(name, strv_of(job->contract.tiers[i].name)))
			return &job->contract.tiers[i];
	return NULL;
}

const struct tier *job_tier_by_product(const struct job *job, struct strv product)
{
	for (size_t i = 0; i < job->contract.tier_count; i++)
		if (job->contract.tiers[i].product &&
		    strv_eq_nocase(product, strv_of(job->contract.tiers[i].product)))
			return &job->contract.tiers[i];
	return NULL;
}

void job_tier_names(const struct job *job, int acronis, struct strbuf *out)
{
	bool found = false;

	for (size_t i = 0; i < job->contract.tier_count; i++) {
		if (job->contract.tiers[i].acronis != acronis)
			continue;
		strbuf_addf(out, "%s%s", found ? " / " : "", job->contract.tiers[i].name);
		found = true;
	}
	if (!found)
		strbuf_addf(out, "value %d (not in the table)", acronis);
}

/* "host", "host:port", "[::1]:port": the host, or an empty text when it is none of these. */
static struct strv host_of(struct strv authority)
{
	const char *end = authority.n > 0 && authority.p[0] == '[' ? memchr(authority.p, ']', authority.n)
								   : memchr(authority.p, ':', authority.n);
	struct strv host = authority, port = {NULL, 0};
	int64_t number = 1;

	if (authority.n > 0 && authority.p[0] == '[') {
		if (!end)
			return (struct strv){NULL, 0};
		end++;
	}
	if (end) {
		host.n = (size_t)(end - authority.p);
		port = (struct strv){end, authority.n - host.n};
	}
	if (port.n > 0 && (port.p[0] != ':' || port.n < 2 || port.p[1] == '+' ||
			      !strv_to_int64((struct strv){port.p + 1, port.n - 1}, &number)))
		return (struct strv){NULL, 0};
	return number >= 1 && number <= 65535 ? host : (struct strv){NULL, 0};
}

static bool is_host_name(struct strv host)
{
	for (size_t i = 0; i < host.n; i++) {
		char c = host.p[i];
		bool fine = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
			    (i > 0 && (c == '-' || c == '.'));
		if (!fine)
			return false;
	}
	return host.n > 0 && host.n < 254;
}

enum host_kind { HOST_BAD, HOST_OTHER, HOST_LOOPBACK };

/* An address must be written in full: what curl would complete ("127.1") is not taken for this machine here.
 */
static enum host_kind host_kind(struct strv host)
{
	char text[256];
	struct in_addr four;
	struct in6_addr six;

	snprintf(text, sizeof text, "%.*s", STRV_ARG(host));
	if (host.n > 2 && host.p[0] == '[') {
		text[strlen(text) - 1] = '\0';
		if (inet_pton(AF_INET6, text + 1, &six) != 1)
			return HOST_BAD;
		return IN6_IS_ADDR_LOOPBACK(&six) ? HOST_LOOPBACK : HOST_OTHER;
	}
	if (!is_host_name(host))
		return HOST_BAD;
	if (strv_eq_nocase(host, STRV("localhost")))
		return HOST_LOOPBACK;
	if (inet_pton(AF_INET, text, &four) == 1)
		return ntohl(four.s_addr) >> 24 == 127 ? HOST_LOOPBACK : HOST_OTHER;
	return HOST_OTHER;
}

bool url_is_loopback(struct strv url, const char **why)
{
	bool plain = strv_has_prefix(url, STRV("http://"));
	size_t scheme = plain ? 7 : 8;

	*why = NULL;
	if (!plain && !strv_has_prefix(url, STRV("https://"))) {
		*why = "expected an address that begins with https://";
		return false;
	}
	struct strv rest = {url.p + scheme, url.n - scheme};
	if (memchr(rest.p, '@', rest.n)) {
		*why = "no user or password may stand in the address";
		return false;
	}
	const char *slash = rest.n ? memchr(rest.p, '/', rest.n) : NULL;
	struct strv authority = {rest.p, slash ? (size_t)(slash - rest.p) : rest.n};
	if (authority.n + 1 < rest.n) {
		*why = "no path may stand in the address";
		return false;
	}
	struct strv host = host_of(authority);
	enum host_kind kind = host.n ? host_kind(host) : HOST_BAD;
	if (kind == HOST_BAD)
		*why = "the address has no readable host name and port";
	else if (plain && kind != HOST_LOOPBACK)
		*why = "http:// is only for a server on this machine";
	return kind == HOST_LOOPBACK;
}

static const struct node *section(const struct node *root, const char *name, const char *key)
{
	const struct node *node = node_member(root, name);

	return node && node_member(node, key) ? node_member(node, key) : root;
}

/* Two tiers that may not stand side by side; NULL when they may. */
static const char *tier_clash(const struct tier *a, const struct tier *b)
{
	if (strv_eq_nocase(strv_of(a->name), strv_of(b->name)))
		return "name";
	if (a->product && b->product && strv_eq_nocase(strv_of(a->product), strv_of(b->product)))
		return "product";
	return a->sold && b->sold && a->acronis == b->acronis ? "acronis" : NULL;
}

/* A sold tier is mapped once: otherwise nobody could say what was bought from what Acronis shows (domain
 * notes, tier table). */
static int check_tiers(struct loader *l, const struct node *list)
{
	const struct tier *tiers = l->job->contract.tiers;
	const struct node *n = list->first;
	bool sold = false;

	l->key = "contract.tiers";
	for (size_t i = 0; i < l->job->contract.tier_count; i++, n = n->next) {
		sold |= tiers[i].sold;
		for (size_t j = 0; j < i; j++) {
			const char *clash = tier_clash(&tiers[j], &tiers[i]);
			if (!clash)
				continue;
			node_error(l, node_member(n, clash), "%s and %s have the same %s%s", tiers[j].name,
			    tiers[i].name, clash,
			    strcmp(clash, "acronis") == 0 ? " value and are both sold" : "");
			return error_hint(l->err,
			    strcmp(clash, "acronis") == 0
				? "give each tier its own value, or sold: false to the one that is no longer sold"
				: "names and products are compared without regard to case");
		}
	}
	return sold ? 0 : node_error(l, list, "no tier is sold");
}

static int check_confirmed(struct loader *l, const struct node *root)
{
	const struct job *job = l->job;
	const char *tenant = job->contract.confirmed.tenant, *tier = job->contract.confirmed.tier,
		   *by = job->contract.confirmed.by;
	const struct node *node = section(root, "contract", "confirmed");

	l->key = "contract.confirmed";
	if ((tenant || tier || by) && !(tenant && tier && by))
		return node_error(l, node, "tenant, tier and by belong together");
	if (!tier || job_tier_by_name(job, strv_of(tier)))
		return 0;
	node_error(l, node_member(node, "tier"), "\"%s\" is not in contract.tiers", tier);
	return error_hint(l->err, "the tier's name as in the table");
}

static int check_statuses(struct loader *l, const struct node *root)
{
	const struct text_list *pending = &l->job->bss.pending, *ignored = &l->job->bss.ignored;

	l->key = "bss.order_status";
	for (size_t i = 0; i < pending->count; i++)
		for (size_t j = 0; j < ignored->count; j++)
			if (strv_eq_nocase(
				strv_trim(strv_of(pending->items[i])), strv_trim(strv_of(ignored->items[j]))))
				return node_error(l, section(root, "bss", "order_status"),
				    "\"%s\" is both pending and ignored", pending->items[i]);
	return 0;
}

static int check_database(struct loader *l, const struct node *root)
{
	const struct {
		const char *name;
		enum source_kind kind;
	} sources[] = {{"orders", l->job->bss.orders.kind}, {"subscriptions", l->job->bss.subscriptions.kind},
	    {"invoices", l->job->bss.invoices.kind}, {"rates", l->job->bss.rates.kind}};

	l->key = "bss.database";
	for (size_t i = 0; i < ARRAY_LEN(sources); i++) {
		if (sources[i].kind != SOURCE_DATABASE || l->job->bss.database.kind != SECRET_NONE)
			continue;
		node_error(l, section(root, "bss", sources[i].name),
		    "bss.%s reads a database, but bss.database is missing", sources[i].name);
		return error_hint(l->err, "database: {env: BSS_CONNINFO}");
	}
	return 0;
}

/* One mark cannot stand for two things. */
static int check_amounts(struct loader *l, const struct node *root)
{
	bool comma = l->job->bss.csv.decimal == DECIMAL_COMMA;
	enum thousands_mark thousands = l->job->bss.csv.thousands;

	l->key = "bss.csv.thousands";
	if (thousands != (comma ? THOUSANDS_COMMA : THOUSANDS_POINT))
		return 0;
	node_error(l, section(root, "bss", "csv"), "the %s cannot be the decimal mark and the thousands mark",
	    comma ? "comma" : "point");
	return error_hint(l->err, "give decimal and thousands as the export writes amounts");
}

int job_check(struct loader *l, const struct node *root)
{
	l->key = "acronis.parent";
	if (!l->job->acronis.loopback && !l->job->acronis.parent) {
		node_error(l, section(root, "acronis", "parent"),
		    "the parent tenant's UUID is needed unless the server is on this machine");
		return error_hint(
		    l->err, "the distributor's own tenant, as its URL in the management portal shows it");
	}
	if (check_tiers(l, section(root, "contract", "tiers")) < 0 || check_confirmed(l, root) < 0 ||
	    check_statuses(l, root) < 0 || check_database(l, root) < 0 || check_amounts(l, root) < 0 ||
	    check_class_rules(l, root) < 0)
		return -1;
	return 0;
}
