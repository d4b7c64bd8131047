/* The BSS's connection text taken apart: which hosts, which of them are this machine, and whether what is
 * sent there is encrypted. All of it is decided here, before a packet leaves. Leaves connecting to
 * pg_connect.c.
 *
 * Beware: libpq's own messages about a connection text quote pieces of it, perhaps the password; none is ever
 * passed on. */
#include <arpa/inet.h>
#include <stdlib.h>
#include <string.h>

#include "bss/pg_impl.h"
#include "tenantry/log.h"
#include "tenantry/mem.h"

static const char what[] = "bss.database";

static const char *value_of(const PQconninfoOption *options, const char *keyword)
{
	for (; options && options->keyword; options++)
		if (strcmp(options->keyword, keyword) == 0)
			return options->val && options->val[0] ? options->val : NULL;
	return NULL;
}

/* What the text says, else what the environment (PGHOST and its like) says. */
struct sources {
	PQconninfoOption *text, *environment;
};

static const char *effective(const struct sources *s, const char *keyword)
{
	const char *value = value_of(s->text, keyword);

	return value ? value : value_of(s->environment, keyword);
}

/* The nth of a list with commas, "" when there is none. A list of one goes for all. */
static char *part(const char *list, size_t n)
{
	const char *end;

	if (!list)
		return mem_strdup("");
	if (!strchr(list, ','))
		return mem_strdup(list);
	for (; n > 0 && list; n--) {
		list = strchr(list, ',');
		list = list ? list + 1 : NULL;
	}
	if (!list)
		return mem_strdup("");
	end = strchr(list, ',');
	return mem_strndup(list, end ? (size_t)(end - list) : strlen(list));
}

static size_t parts(const char *list)
{
	size_t n = 1;

	for (const char *p = list; p && (p = strchr(p, ',')) != NULL; p++)
		n++;
	return n;
}

static bool is_loopback(const char *address)
{
	struct in_addr four;
	struct in6_addr six;

	if (inet_pton(AF_INET, address, &four) == 1)
		return ntohl(four.s_addr) >> 24 == 127;
	return inet_pton(AF_INET6, address, &six) == 1 && IN6_IS_ADDR_LOOPBACK(&six);
}

/* A socket's folder begins with / (or @, its abstract form); no host at all is the default socket. */
static bool is_local(const struct pg_host *host)
{
	if (host->address[0])
		return is_loopback(host->address);
	if (!host->host[0] || host->host[0] == '/' || host->host[0] == '@')
		return true;
	return strv_eq_nocase(strv_of(host->host), STRV("localhost")) || is_loopback(host->host);
}

static void read_hosts(const struct sources *s, struct pg_target *out)
{
	const char *hosts = effective(s, "host"), *addresses = effective(s, "hostaddr"),
		   *ports = effective(s, "port");
	const char *database = effective(s, "dbname"), *user = effective(s, "user");

	out->count = parts(hosts) > parts(addresses) ? parts(hosts) : parts(addresses);
	out->hosts = mem_zalloc(out->count * sizeof *out->hosts);
	for (size_t i = 0; i < out->count; i++) {
		struct pg_host *host = &out->hosts[i];
		host->host = part(hosts, i);
		host->address = part(addresses, i);
		host->port = part(ports, i);
		host->local = is_local(host);
		host->where = mem_printf("%s:%s/%s",
		    host->host[0]      ? host->host
		    : host->address[0] ? host->address
				       : "local socket",
		    host->port[0] ? host->port : "5432",
		    database ? database
		    : user   ? user
			     : "");
	}
}

static void add_param(struct pg_target *out, const char *keyword, const char *value)
{
	out->params = mem_resize(out->params, out->param_count + 1, sizeof *out->params);
	out->params[out->param_count++] = (struct pg_param){keyword, mem_strdup(value)};
}

static void read_params(const struct sources *s, struct pg_target *out)
{
	static const char *const ours[] = {"host", "hostaddr", "port", "target_session_attrs",
	    "application_name", "client_encoding", "connect_timeout"};
	static const struct {
		const char *keyword, *value;
	} defaults[] = {{"keepalives_idle", "30"}, {"keepalives_interval", "10"}, {"keepalives_count", "3"},
	    {"tcp_user_timeout", "60000"}};

	for (const PQconninfoOption *o = s->text; o->keyword; o++) {
		bool taken = false;
		for (size_t i = 0; i < ARRAY_LEN(ours) && !taken; i++)
			taken = strcmp(o->keyword, ours[i]) == 0;
		if (!taken && o->val && o->val[0])
			add_param(out, o->keyword, o->val);
	}
	for (size_t i = 0; i < ARRAY_LEN(defaults); i++)
		if (!value_of(s->text, defaults[i].keyword))
			add_param(out, defaults[i].keyword, defaults[i].value);
}

static int refuse(const struct job *job, struct error *err)
{
	error_place(err, job->path, job->bss.database.line, 0, what);
	return -1;
}

/* Plain text stays on this machine, unless the job says by name that it may leave it. */
static int check_encryption(
    const struct job *job, const struct sources *s, struct pg_target *out, struct error *err)
{
	static const char *const encrypted[] = {"require", "verify-ca", "verify-full"};
	const char *mode = effective(s, "sslmode");

	for (size_t i = 0; mode && i < ARRAY_LEN(encrypted); i++)
		out->encrypted |= strcmp(mode, encrypted[i]) == 0;
	for (size_t i = 0; i < out->count && !out->encrypted && !job->bss.allow_plain; i++) {
		if (out->hosts[i].local)
			continue;
		error_set(err, ERR_JOB, "the connection to %s might not be encrypted: sslmode is %s",
		    out->hosts[i].where, value_of(s->text, "sslmode") ? mode : "not stated");
		error_hint(err,
		    "write sslmode=verify-full and sslrootcert=FILE into the connection text; bss.allow_plain: true is for "
		    "networks that are encrypted themselves");
		return refuse(job, err);
	}
	return 0;
}

static int read_text(const struct job *job, const char *text, bool read_write, const struct sources *s,
    struct pg_target *out, struct error *err)
{
	const char *password = effective(s, "password"), *session = effective(s, "target_session_attrs");

	(void)text;
	if (password)
		log_secret(password);
	if (value_of(s->text, "service")) {
		error_set(err, ERR_JOB,
		    "the connection text names a service file, so its host and sslmode cannot be seen");
		error_hint(err, "write host, dbname, user and sslmode themselves");
		return refuse(job, err);
	}
	read_hosts(s, out);
	read_params(s, out);
	out->session = mem_strdup(read_write ? "read-write" : session ? session : "any");
	return check_encryption(job, s, out, err);
}

int pg_target_read(const struct job *job, bool read_write, struct pg_target *out, struct error *err)
{
	struct sources s = {0};
	char *text = secret_read(&job->bss.database, what, err), *message = NULL;
	int rc = -1;

	*out = (struct pg_target){0};
	if (!text)
		return -1;
	s.text = PQconninfoParse(text, &message);
	s.environment = PQconndefaults();
	if (s.text) {
		rc = read_text(job, text, read_write, &s, out, err);
	} else {
		error_set(err, ERR_JOB, "the value is not a PostgreSQL connection text");
		error_hint(err,
		    "such as: host=db.example.com dbname=bss user=tenantry password=... sslmode=verify-full, or the same as a "
		    "postgresql:// address");
		refuse(job, err);
	}
	PQfreemem(message);
	PQconninfoFree(s.text);
	PQconninfoFree(s.environment);
	secret_free(text);
	if (rc < 0)
		pg_target_free(out);
	return rc;
}

void pg_target_free(struct pg_target *target)
{
	for (size_t i = 0; i < target->count; i++) {
		free(target->hosts[i].host);
		free(target->hosts[i].address);
		free(target->hosts[i].port);
		free(target->hosts[i].where);
	}
	for (size_t i = 0; i < target->param_count; i++) {
		explicit_bzero(target->params[i].value, strlen(target->params[i].value));
		free(target->params[i].value);
	}
	free(target->hosts);
	free(target->params);
	free(target->session);
	*target = (struct pg_target){0};
}
