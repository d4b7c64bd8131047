/* libmicrohttpd in our own loop; see server.h.
 *
 * One thread, so that requests are answered one after the other and the state needs no locks. A late answer
 * (latency, slow fault) suspends its connection and waits in a heap, while the others go on. A cut connection
 * is MHD_NO: the library then closes without a byte.
 */
#include "sandbox/server.h"

#include <arpa/inet.h>
#include <errno.h>
#include <inttypes.h>
#include <microhttpd.h>
#include <netinet/in.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>

#include "sandbox/exchange.h"
#include "sandbox/greeting.h"
#include "sandbox/tls.h"
#include "tenantry/atomic_file.h"
#include "tenantry/mem.h"

enum { BODY_MAX = 16 * 1024 * 1024, CONNECTION_MAX = 1000, FINISH_MS = 2000 };

struct request {
	struct exchange x;
	struct strbuf body;
	struct MHD_Connection *connection;
	char *target;
	char *text; /* the reply's body */
	size_t size;
	int64_t arrived; /* monotonic */
	bool handled;
};

struct late {
	int64_t due; /* monotonic */
	struct request *request;
};

struct server {
	struct sandbox *box;
	struct MHD_Daemon *daemon;
	struct late *late; /* a heap, the next one due first */
	size_t late_count, late_cap;
	uint64_t connections;
	size_t open; /* requests under way */
};

static volatile sig_atomic_t stop_signal;

static void on_signal(int number)
{
	stop_signal = number;
}

/* ---- late answers ---- */

static void swap(struct late *a, struct late *b)
{
	struct late kept = *a;

	*a = *b;
	*b = kept;
}

static void late_push(struct server *s, struct request *r, int64_t due)
{
	MEM_GROW(s->late, s->late_count, s->late_cap);
	size_t i = s->late_count++;
	s->late[i] = (struct late){due, r};
	for (; i > 0 && s->late[i].due < s->late[(i - 1) / 2].due; i = (i - 1) / 2)
		swap(&s->late[i], &s->late[(i - 1) / 2]);
}

static struct request *late_pop(struct server *s)
{
	struct request *first = s->late[0].request;
	size_t i = 0;

	s->late[0] = s->late[--s->late_count];
	for (;;) {
		size_t least = i, left = 2 * i + 1;
		for (size_t child = left; child < left + 2 && child < s->late_count; child++)
			if (s->late[child].due < s->late[least].due)
				least = child;
		if (least == i)
			return first;
		swap(&s->late[i], &s->late[least]);
		i = least;
	}
}

static void resume_due(struct server *s, bool all)
{
	int64_t now = clock_mono_ms(clock_machine());

	while (s->late_count > 0 && (all || s->late[0].due <= now))
		MHD_resume_connection(late_pop(s)->connection);
}

/* ---- one request ---- */

static const char *header(struct request *r, const char *name)
{
	return MHD_lookup_connection_value(r->connection, MHD_HEADER_KIND, name);
}

static bool is_loopback(const struct sockaddr *address)
{
	if (address && address->sa_family == AF_INET)
		return ntohl(((const struct sockaddr_in *)(const void *)address)->sin_addr.s_addr) >> 24 ==
		       127;
	if (address && address->sa_family == AF_INET6)
		return IN6_IS_ADDR_LOOPBACK(&((const struct sockaddr_in6 *)(const void *)address)->sin6_addr);
	return false;
}

static void *on_target(void *ctx, const char *target, struct MHD_Connection *connection)
{
	struct server *s = ctx;
	struct request *r = mem_zalloc(sizeof *r);

	exchange_init(&r->x, s->box);
	r->connection = connection;
	r->target = mem_strdup(target);
	r->arrived = clock_mono_ms(clock_machine());
	r->body.max = BODY_MAX;
	s->open++;
	return r;
}

static void on_completed(
    void *ctx, struct MHD_Connection *connection, void **state, enum MHD_RequestTerminationCode code)
{
	struct server *s = ctx;
	struct request *r = *state;

	(void)connection;
	(void)code;
	if (!r)
		return;
	exchange_free(&r->x);
	strbuf_free(&r->body);
	free(r->target);
	free(r->text);
	free(r);
	*state = NULL;
	s->open--;
}

/* Each connection carries its number, so that the log shows which requests shared one. */
static void on_connection(void *ctx, struct MHD_Connection *connection, void **socket_context,
    enum MHD_ConnectionNotificationCode code)
{
	struct server *s = ctx;
	uint64_t *number = *socket_context;

	(void)connection;
	if (code == MHD_CONNECTION_NOTIFY_STARTED) {
		number = mem_zalloc(sizeof *number);
		*number = ++s->connections;
		*socket_context = number;
	} else {
		free(number);
		*socket_context = NULL;
	}
}

static void run_exchange(struct server *s, struct request *r, const char *method)
{
	const union MHD_ConnectionInfo *peer =
	    MHD_get_connection_info(r->connection, MHD_CONNECTION_INFO_CLIENT_ADDRESS);
	const union MHD_ConnectionInfo *number =
	    MHD_get_connection_info(r->connection, MHD_CONNECTION_INFO_SOCKET_CONTEXT);
	struct exchange *x = &r->x;

	x->method = method;
	x->target = r->target;
	x->authorization = header(r, "Authorization");
	x->content_type = header(r, "Content-Type");
	x->origin = header(r, "Origin");
	x->host = header(r, "Host");
	x->body = strbuf_view(&r->body);
	x->loopback = is_loopback(peer ? peer->client_addr : NULL);
	x->connection = number && number->socket_context ? *(const uint64_t *)number->socket_context : 0;
	x->body_cut = r->body.failed;
	sandbox_handle(s->box, x);
	if (x->reply_text)
		r->text = mem_strdup(x->reply_text);
	else if (x->reply)
		r->text = json_dumps(x->reply, JSON_COMPACT | JSON_PRESERVE_ORDER);
	r->size = r->text ? strlen(r->text) : 0;
	r->handled = true;
}

/* Half of the body, then an end that is none. */
static ssize_t read_half(void *ctx, uint64_t at, char *out, size_t max)
{
	const struct request *r = ctx;
	size_t half = r->size / 2, n = at < half ? half - (size_t)at : 0;

	if (n == 0)
		return MHD_CONTENT_READER_END_WITH_ERROR;
	n = n < max ? n : max;
	memcpy(out, r->text + at, n);
	return (ssize_t)n;
}

static enum MHD_Result send_reply(struct request *r)
{
	const struct exchange *x = &r->x;
	struct MHD_Response *response;
	enum MHD_Result sent;

	if (x->cut == CUT_ALL || x->status == 0)
		return MHD_NO;
	if (x->cut == CUT_BODY)
		response = MHD_create_response_from_callback(r->size, 4096, read_half, r, NULL);
	else
		response =
		    MHD_create_response_from_buffer(r->size, r->text ? r->text : "", MHD_RESPMEM_PERSISTENT);
	if (!response)
		return MHD_NO;
	if (r->text)
		MHD_add_response_header(
		    response, "Content-Type", x->reply_type ? x->reply_type : "application/json");
	if (x->no_store)
		MHD_add_response_header(response, "Cache-Control", "no-store");
	if (x->allow)
		MHD_add_response_header(response, "Allow", x->allow);
	if (x->location)
		MHD_add_response_header(response, "Location", x->location);
	if (x->retry_after)
		MHD_add_response_header(response, "Retry-After", x->retry_after);
	if (x->status == 401)
		MHD_add_response_header(response, "WWW-Authenticate", "Bearer");
	sent = MHD_queue_response(r->connection, (unsigned)x->status, response);
	MHD_destroy_response(response);
	return sent;
}

static enum MHD_Result on_request(void *ctx, struct MHD_Connection *connection, const char *url,
    const char *method, const char *version, const char *data, size_t *size, void **state)
{
	struct server *s = ctx;
	struct request *r = *state;

	(void)url;
	(void)version;
	if (!r->x.method) {
		r->x.method = ""; /* the headers are there, the body is not */
		return MHD_YES;
	}
	if (*size > 0) {
		strbuf_add(&r->body, data, *size);
		*size = 0;
		return MHD_YES;
	}
	if (!r->handled) {
		run_exchange(s, r, method);
		if (r->x.delay_ms > 0 && stop_signal == 0) {
			/* From the arrival on: what we need ourselves is part of the time a client waits. */
			MHD_suspend_connection(connection);
			late_push(s, r, r->arrived + r->x.delay_ms);
			return MHD_YES;
		}
	}
	return send_reply(r);
}

/* ---- the loop ---- */

static int wait_ms(struct server *s)
{
	MHD_UNSIGNED_LONG_LONG library;
	int64_t wait = 1000;

	if (MHD_get_timeout(s->daemon, &library) == MHD_YES && (int64_t)library < wait)
		wait = (int64_t)library;
	if (s->late_count > 0) {
		int64_t due = s->late[0].due - clock_mono_ms(clock_machine());
		wait = due < wait ? due : wait;
	}
	return wait > 0 ? (int)wait : 0;
}

static void turn(struct server *s, const sigset_t *unblocked)
{
	const union MHD_DaemonInfo *info = MHD_get_daemon_info(s->daemon, MHD_DAEMON_INFO_EPOLL_FD);
	struct pollfd fd = {.fd = info->epoll_fd, .events = POLLIN};
	int wait = wait_ms(s);
	struct timespec pause = {wait / 1000, wait % 1000 * 1000000L};

	ppoll(&fd, 1, &pause, unblocked);
	resume_due(s, false);
	MHD_run(s->daemon);
}

static void loop(struct server *s)
{
	sigset_t blocked, before;
	struct sigaction action = {.sa_handler = on_signal}, ignore = {.sa_handler = SIG_IGN}, was[3];

	stop_signal = 0;
	sigemptyset(&blocked);
	sigaddset(&blocked, SIGTERM);
	sigaddset(&blocked, SIGINT);
	sigprocmask(SIG_BLOCK, &blocked, &before);
	sigaction(SIGTERM, &action, &was[0]);
	sigaction(SIGINT, &action, &was[1]);
	sigaction(SIGPIPE, &ignore, &was[2]);
	while (stop_signal == 0 && !s->box->stopping)
		turn(s, &before);
	/* What was asked before the signal gets its answer, at once instead of late. */
	int64_t deadline = clock_mono_ms(clock_machine()) + FINISH_MS;
	resume_due(s, true);
	do
		MHD_run(s->daemon);
	while (s->open > 0 && clock_mono_ms(clock_machine()) < deadline &&
	       (turn(s, &before), resume_due(s, true), true));
	sigaction(SIGTERM, &was[0], NULL);
	sigaction(SIGINT, &was[1], NULL);
	sigaction(SIGPIPE, &was[2], NULL);
	sigprocmask(SIG_SETMASK, &before, NULL);
}

/* ---- starting ---- */

struct address {
	union {
		struct sockaddr any;
		struct sockaddr_in v4;
		struct sockaddr_in6 v6;
	} u;
	bool six;
};

static int read_address(const struct sandbox_settings *settings, struct address *out, struct error *err)
{
	*out = (struct address){.six = strchr(settings->listen, ':') != NULL};
	if (out->six) {
		out->u.v6.sin6_family = AF_INET6;
		out->u.v6.sin6_port = htons(settings->port);
	} else {
		out->u.v4.sin_family = AF_INET;
		out->u.v4.sin_port = htons(settings->port);
	}
	if (inet_pton(out->six ? AF_INET6 : AF_INET, settings->listen,
		out->six ? (void *)&out->u.v6.sin6_addr : (void *)&out->u.v4.sin_addr) != 1)
		return error_set(
		    err, ERR_USAGE, "--listen: \"%s\" is not an address such as 127.0.0.1", settings->listen);
	if (is_loopback(&out->u.any) || settings->allow_remote)
		return 0;
	error_set(err, ERR_USAGE, "--listen: %s can be reached from other machines", settings->listen);
	return error_hint(err, "add --allow-remote if that is meant: the sandbox's secret is well known");
}

static int start(struct server *s, const struct tls_identity *identity, struct error *err)
{
	const struct sandbox_settings *settings = s->box->settings;
	unsigned flags = MHD_USE_EPOLL | MHD_ALLOW_SUSPEND_RESUME | MHD_USE_TURBO;
	struct address address;

	if (read_address(settings, &address, err) < 0)
		return -1;
	flags |= (address.six ? MHD_USE_IPv6 : 0u) | (settings->tls ? MHD_USE_TLS : 0u);
	/* What the library chooses by itself, but for the versions. */
	char priorities[64] = "NORMAL";
	if (settings->tls_version)
		snprintf(priorities, sizeof priorities, "NORMAL:-VERS-ALL:+VERS-TLS%s:%%COMPAT",
		    settings->tls_version);
	struct MHD_OptionItem tls[] = {
	    {settings->tls ? MHD_OPTION_HTTPS_MEM_KEY : MHD_OPTION_END, 0, identity->key},
	    {MHD_OPTION_HTTPS_MEM_CERT, 0, identity->certificate},
	    {MHD_OPTION_HTTPS_PRIORITIES, 0, priorities},
	    {MHD_OPTION_END, 0, NULL},
	};
	errno = 0;
	s->daemon = MHD_start_daemon(flags, settings->port, NULL, NULL, on_request, s, MHD_OPTION_SOCK_ADDR,
	    &address.u.any, MHD_OPTION_NOTIFY_COMPLETED, on_completed, s, MHD_OPTION_NOTIFY_CONNECTION,
	    on_connection, s, MHD_OPTION_URI_LOG_CALLBACK, on_target, s, MHD_OPTION_CONNECTION_LIMIT,
	    (unsigned)CONNECTION_MAX, MHD_OPTION_LISTENING_ADDRESS_REUSE, 1u,
	    MHD_OPTION_CONNECTION_MEMORY_LIMIT, (size_t)(128 * 1024), MHD_OPTION_ARRAY, tls, MHD_OPTION_END);
	if (s->daemon)
		return 0;
	error_set(err, ERR_SOURCE, "cannot listen on %s port %u: %s", settings->listen, settings->port,
	    errno ? strerror(errno) : "refused by libmicrohttpd");
	return error_hint(err, "--port 0 lets the kernel choose one");
}

static int announce(struct server *s, const struct tls_identity *identity, struct error *err)
{
	const struct sandbox_settings *settings = s->box->settings;
	const union MHD_DaemonInfo *info = MHD_get_daemon_info(s->daemon, MHD_DAEMON_INFO_BIND_PORT);
	char port[16];

	if (settings->ca_out && atomic_file_put(settings->ca_out, strv_of(identity->ca), err) < 0)
		return -1;
	snprintf(port, sizeof port, "%u\n", info->port);
	if (settings->port_file && atomic_file_put(settings->port_file, strv_of(port), err) < 0)
		return -1;
	if (!settings->quiet)
		greeting_print(s->box, info->port);
	return 0;
}

int server_run(struct sandbox *box, struct error *err)
{
	struct server s = {.box = box};
	struct tls_identity identity = {0};
	int rc = -1;

	if (box->settings->tls && tls_identity_make(&identity,
				      &(struct tls_wanted){.address = box->settings->listen,
					  .host = box->settings->tls_host,
					  .expired = box->settings->tls_expired},
				      err) < 0)
		return -1;
	if (start(&s, &identity, err) == 0 && announce(&s, &identity, err) == 0) {
		loop(&s);
		rc = 0;
	}
	if (s.daemon)
		MHD_stop_daemon(s.daemon);
	free(s.late);
	tls_identity_free(&identity);
	return rc;
}
