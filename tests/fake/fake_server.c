/* One thread, poll(), one request at a time on a connection; see fake_server.h. */
#include "fake_server.h"

#include <arpa/inet.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "tenantry/mem.h"
#include "tenantry/str.h"

enum { MAX_CONNECTIONS = 256 };

struct connection {
	int fd; /* -1: free */
	unsigned number, requests;
	struct strbuf in, out; /* out waits for `due` */
	int64_t due;           /* 0: nothing waits */
	bool close_after, silent, spoken_to;
};

struct fake_server {
	fake_script *script;
	void *user;
	int listener, port, wake[2];
	char url[64];
	pthread_t thread;
	struct connection connections[MAX_CONNECTIONS];
	atomic_int delay_ms;
	atomic_bool close_kept, stop;
	pthread_mutex_t lock; /* what follows is shared with the test */
	char **arrivals;
	size_t arrival_count, arrival_cap;
	unsigned accepted, spoken_to;
};

static int64_t now_us(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (int64_t)t.tv_sec * 1000000 + t.tv_nsec / 1000;
}

static void hang_up(struct connection *c)
{
	close(c->fd);
	strbuf_free(&c->in);
	strbuf_free(&c->out);
	*c = (struct connection){.fd = -1};
}

static void accept_one(struct fake_server *s)
{
	int fd = accept4(s->listener, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK), one = 1;
	struct connection *c = s->connections;

	if (fd < 0)
		return;
	setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
	while (c < s->connections + MAX_CONNECTIONS && c->fd >= 0)
		c++;
	if (c == s->connections + MAX_CONNECTIONS) {
		close(fd);
		return;
	}
	pthread_mutex_lock(&s->lock);
	*c = (struct connection){.fd = fd, .number = ++s->accepted};
	pthread_mutex_unlock(&s->lock);
}

static void note_arrival(struct fake_server *s, const struct fake_request *request)
{
	pthread_mutex_lock(&s->lock);
	MEM_GROW(s->arrivals, s->arrival_count, s->arrival_cap);
	s->arrivals[s->arrival_count++] = mem_printf("%s %s", request->method, request->path);
	pthread_mutex_unlock(&s->lock);
}

static void write_answer(struct connection *c, const struct fake_answer *answer)
{
	size_t length = answer->body ? strlen(answer->body) : 0;

	strbuf_addf(
	    &c->out, "HTTP/1.1 %d Scripted\r\n%s", answer->status, answer->headers ? answer->headers : "");
	if (answer->body)
		strbuf_addf(&c->out, "Content-Type: %s\r\n",
		    answer->content_type ? answer->content_type : "application/json");
	if (answer->status != 204)
		strbuf_addf(&c->out, "Content-Length: %zu\r\n", length);
	strbuf_addf(&c->out, "%s\r\n", answer->then == FAKE_CLOSE ? "Connection: close\r\n" : "");
	strbuf_add(
	    &c->out, answer->body ? answer->body : "", answer->then == FAKE_HALF ? length / 2 : length);
}

static void flush_answer(struct connection *c)
{
	size_t sent = 0;

	while (sent < c->out.n) {
		ssize_t n = send(c->fd, c->out.p + sent, c->out.n - sent, MSG_NOSIGNAL);
		struct pollfd writable = {.fd = c->fd, .events = POLLOUT};
		if (n < 0 && poll(&writable, 1, 5000) <= 0)
			break;
		if (n > 0)
			sent += (size_t)n;
		if (n < 0 && (writable.revents & (POLLERR | POLLHUP)))
			break;
	}
	strbuf_clear(&c->out);
	c->due = 0;
	if (c->close_after)
		hang_up(c);
}

static void play(struct fake_server *s, struct connection *c, const struct fake_request *request)
{
	struct fake_answer answer = {.status = 200};

	note_arrival(s, request);
	s->script(s->user, request, &answer);
	if (answer.then == FAKE_NO_ANSWER) {
		hang_up(c);
		return;
	}
	c->silent = answer.then == FAKE_SILENCE;
	if (c->silent)
		return;
	c->close_after = answer.then != FAKE_KEEP;
	write_answer(c, &answer);
	c->due = now_us() + (int64_t)atomic_load(&s->delay_ms) * 1000;
	if (atomic_load(&s->delay_ms) == 0)
		flush_answer(c);
}

/* Plays one whole request out of the input; false when there is none yet. */
static bool parse_one(struct fake_server *s, struct connection *c)
{
	char *end = c->in.n ? memmem(c->in.p, c->in.n, "\r\n\r\n", 4) : NULL;
	char method[16], path[4096];

	if (!end || c->due || c->silent || sscanf(c->in.p, "%15s %4095s", method, path) != 2)
		return false;
	size_t head = (size_t)(end - c->in.p) + 4;
	char *headers = mem_strndup(c->in.p, head), *length = strcasestr(headers, "\r\nContent-Length:");
	size_t body_length = length ? strtoul(length + 17, NULL, 10) : 0;
	if (c->in.n < head + body_length) {
		free(headers);
		return false;
	}
	char *body = mem_strndup(c->in.p + head, body_length);
	size_t rest = c->in.n - head - body_length;
	memmove(c->in.p, c->in.p + head + body_length, rest + 1);
	c->in.n = rest;
	play(s, c,
	    &(struct fake_request){.method = method,
		.path = path,
		.headers = headers,
		.body = body,
		.body_length = body_length,
		.connection = c->number,
		.on_connection = ++c->requests});
	free(headers);
	free(body);
	return c->fd >= 0;
}

static void read_some(struct fake_server *s, struct connection *c)
{
	char bytes[16384];

	if (atomic_load(&s->close_kept) && c->requests > 0) {
		hang_up(c);
		return;
	}
	ssize_t n = recv(c->fd, bytes, sizeof bytes, 0);
	if (n <= 0) {
		hang_up(c);
		return;
	}
	pthread_mutex_lock(&s->lock);
	s->spoken_to += !c->spoken_to;
	pthread_mutex_unlock(&s->lock);
	c->spoken_to = true;
	strbuf_add(&c->in, bytes, (size_t)n);
	while (parse_one(s, c))
		;
}

static int flush_due(struct fake_server *s)
{
	int64_t now = now_us(), next = -1;

	for (size_t i = 0; i < MAX_CONNECTIONS; i++) {
		struct connection *c = &s->connections[i];
		if (c->fd < 0 || !c->due)
			continue;
		if (c->due <= now) {
			flush_answer(c);
			while (c->fd >= 0 && parse_one(s, c))
				;
		} else if (next < 0 || c->due - now < next) {
			next = c->due - now;
		}
	}
	return next < 0 ? -1 : (int)((next + 999) / 1000);
}

static void *serve(void *user)
{
	struct fake_server *s = user;
	struct pollfd fds[MAX_CONNECTIONS + 2];
	size_t of[MAX_CONNECTIONS];

	while (!atomic_load(&s->stop)) {
		nfds_t n = 2;
		fds[0] = (struct pollfd){.fd = s->listener, .events = POLLIN};
		fds[1] = (struct pollfd){.fd = s->wake[0], .events = POLLIN};
		int wait = flush_due(s);
		for (size_t i = 0; i < MAX_CONNECTIONS; i++) {
			if (s->connections[i].fd < 0)
				continue;
			of[n - 2] = i;
			fds[n++] = (struct pollfd){.fd = s->connections[i].fd, .events = POLLIN};
		}
		if (poll(fds, n, wait) <= 0)
			continue;
		for (nfds_t i = 2; i < n; i++)
			if (fds[i].revents)
				read_some(s, &s->connections[of[i - 2]]);
		if (fds[0].revents)
			accept_one(s);
	}
	return NULL;
}

struct fake_server *fake_server_start(fake_script *script, void *user)
{
	struct fake_server *s = mem_zalloc(sizeof *s);
	struct sockaddr_in at = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	socklen_t size = sizeof at;

	s->script = script;
	s->user = user;
	for (size_t i = 0; i < MAX_CONNECTIONS; i++)
		s->connections[i].fd = -1;
	pthread_mutex_init(&s->lock, NULL);
	s->listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (bind(s->listener, (struct sockaddr *)&at, sizeof at) || listen(s->listener, 512) ||
	    getsockname(s->listener, (struct sockaddr *)&at, &size) || pipe(s->wake) ||
	    pthread_create(&s->thread, NULL, serve, s)) {
		perror("fake_server");
		abort();
	}
	s->port = ntohs(at.sin_port);
	snprintf(s->url, sizeof s->url, "http://127.0.0.1:%d", s->port);
	return s;
}

void fake_server_stop(struct fake_server *s)
{
	if (!s)
		return;
	atomic_store(&s->stop, true);
	if (write(s->wake[1], "", 1) != 1)
		abort();
	pthread_join(s->thread, NULL);
	for (size_t i = 0; i < MAX_CONNECTIONS; i++)
		if (s->connections[i].fd >= 0)
			hang_up(&s->connections[i]);
	close(s->listener);
	close(s->wake[0]);
	close(s->wake[1]);
	for (size_t i = 0; i < s->arrival_count; i++)
		free(s->arrivals[i]);
	free(s->arrivals);
	pthread_mutex_destroy(&s->lock);
	free(s);
}

const char *fake_server_url(const struct fake_server *s)
{
	return s->url;
}

int fake_server_port(const struct fake_server *s)
{
	return s->port;
}

void fake_server_delay(struct fake_server *s, int ms)
{
	atomic_store(&s->delay_ms, ms);
}

void fake_server_close_kept(struct fake_server *s)
{
	atomic_store(&s->close_kept, true);
}

unsigned fake_server_arrivals(struct fake_server *s, const char *prefix)
{
	unsigned count = 0;

	pthread_mutex_lock(&s->lock);
	for (size_t i = 0; i < s->arrival_count; i++)
		count += strncmp(s->arrivals[i], prefix, strlen(prefix)) == 0;
	pthread_mutex_unlock(&s->lock);
	return count;
}

unsigned fake_server_spoken_to(struct fake_server *s)
{
	pthread_mutex_lock(&s->lock);
	unsigned count = s->spoken_to;
	pthread_mutex_unlock(&s->lock);
	return count;
}

unsigned fake_server_connections(struct fake_server *s)
{
	pthread_mutex_lock(&s->lock);
	unsigned count = s->accepted;
	pthread_mutex_unlock(&s->lock);
	return count;
}
