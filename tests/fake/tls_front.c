/* nghttpx as a child process and a relay thread before it; see tls_front.h. */
#include "tls_front.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tenantry/mem.h"

enum { MAX_PAIRS = 64, READY_TRIES = 500, READY_PAUSE_MS = 10 };

struct tls_front {
	char folder[64], socket_path[96], url[64];
	pid_t child;
	int listener, wake[2];
	pthread_t thread;
	int pairs[MAX_PAIRS][2]; /* client, nghttpx; -1 free */
	atomic_uint accepted, cuts_wanted, cuts_done;
	atomic_bool stop;
};

static const char *program(void)
{
	static const char *const places[] = {"/usr/sbin/nghttpx", "/usr/bin/nghttpx"};

	for (size_t i = 0; i < ARRAY_LEN(places); i++)
		if (access(places[i], X_OK) == 0)
			return places[i];
	return NULL;
}

static int connect_child(const struct tls_front *f)
{
	struct sockaddr_un at = {.sun_family = AF_UNIX};
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

	snprintf(at.sun_path, sizeof at.sun_path, "%s", f->socket_path);
	if (connect(fd, (struct sockaddr *)&at, sizeof at) == 0)
		return fd;
	close(fd);
	return -1;
}

static void close_pair(int pair[2])
{
	for (int side = 0; side < 2; side++) {
		if (pair[side] >= 0)
			close(pair[side]);
		pair[side] = -1;
	}
}

static void accept_pair(struct tls_front *f)
{
	int client = accept4(f->listener, NULL, NULL, SOCK_CLOEXEC), *pair = NULL;

	for (size_t i = 0; i < MAX_PAIRS && !pair; i++)
		pair = f->pairs[i][0] < 0 ? f->pairs[i] : NULL;
	if (client < 0 || !pair) {
		fprintf(stderr, "tls_front: too many connections\n");
		abort();
	}
	atomic_fetch_add(&f->accepted, 1);
	pair[0] = client;
	pair[1] = connect_child(f);
	if (pair[1] < 0)
		close_pair(pair);
}

static bool pass_on(int from, int to)
{
	char bytes[16384];
	ssize_t n = recv(from, bytes, sizeof bytes, 0);

	for (ssize_t sent = 0; sent < n;) {
		ssize_t w = send(to, bytes + sent, (size_t)(n - sent), MSG_NOSIGNAL);
		if (w <= 0)
			return false;
		sent += w;
	}
	return n > 0;
}

static void cut_all(struct tls_front *f)
{
	unsigned wanted = atomic_load(&f->cuts_wanted);

	if (wanted == atomic_load(&f->cuts_done))
		return;
	for (size_t i = 0; i < MAX_PAIRS; i++)
		close_pair(f->pairs[i]);
	atomic_store(&f->cuts_done, wanted);
}

static void *relay(void *user)
{
	struct tls_front *f = user;
	struct pollfd fds[2 + 2 * MAX_PAIRS];
	char byte;

	while (!atomic_load(&f->stop)) {
		cut_all(f);
		fds[0] = (struct pollfd){.fd = f->listener, .events = POLLIN};
		fds[1] = (struct pollfd){.fd = f->wake[0], .events = POLLIN};
		for (size_t i = 0; i < 2 * MAX_PAIRS; i++)
			fds[2 + i] = (struct pollfd){.fd = f->pairs[i / 2][i % 2], .events = POLLIN};
		if (poll(fds, ARRAY_LEN(fds), -1) <= 0)
			continue;
		for (size_t i = 0; i < 2 * MAX_PAIRS; i++) {
			int *pair = f->pairs[i / 2];
			if (fds[2 + i].revents && pair[i % 2] == fds[2 + i].fd && pair[i % 2] >= 0 &&
			    !pass_on(pair[i % 2], pair[1 - i % 2]))
				close_pair(pair);
		}
		if (fds[1].revents && read(f->wake[0], &byte, 1) != 1)
			abort();
		if (fds[0].revents)
			accept_pair(f);
	}
	return NULL;
}

/* Forked rather than spawned, so that it can ask to die with a test that fails half-way. */
static _Noreturn void become_child(const struct tls_front *f, int backend_port, const char *certificate)
{
	char front[128], back[64];
	int null = open("/dev/null", O_WRONLY | O_CLOEXEC);

	prctl(PR_SET_PDEATHSIG, SIGKILL);
	dup2(null, 1);
	dup2(null, 2);
	snprintf(front, sizeof front, "--frontend=unix:%s", f->socket_path);
	snprintf(back, sizeof back, "--backend=127.0.0.1,%d", backend_port);
	execl(program(), "nghttpx", "--conf=/dev/null", "--workers=1", "--single-process", "--no-ocsp",
	    "--errorlog-file=/dev/null", front, back, "tests/fake/tls/server.key", certificate, (char *)NULL);
	_exit(127);
}

static bool start_child(struct tls_front *f, int backend_port, const char *certificate)
{
	f->child = fork();
	if (f->child == 0)
		become_child(f, backend_port, certificate);
	/* nghttpx tells nobody when it listens; its socket answers then. */
	for (int i = 0; f->child > 0 && i < READY_TRIES; i++) {
		int fd = connect_child(f);
		if (fd >= 0) {
			close(fd);
			return true;
		}
		poll(NULL, 0, READY_PAUSE_MS);
	}
	return false;
}

static int listen_somewhere(int *port)
{
	struct sockaddr_in at = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	socklen_t size = sizeof at;
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

	if (bind(fd, (struct sockaddr *)&at, sizeof at) || listen(fd, 128) ||
	    getsockname(fd, (struct sockaddr *)&at, &size))
		abort();
	*port = ntohs(at.sin_port);
	return fd;
}

struct tls_front *tls_front_start(int backend_port, const char *certificate)
{
	int port;

	if (!program())
		return NULL;
	struct tls_front *f = mem_zalloc(sizeof *f);
	memset(f->pairs, -1, sizeof f->pairs);
	snprintf(f->folder, sizeof f->folder, "/tmp/tls-front.XXXXXX");
	if (!mkdtemp(f->folder))
		abort();
	snprintf(f->socket_path, sizeof f->socket_path, "%s/socket", f->folder);
	f->listener = listen_somewhere(&port);
	snprintf(f->url, sizeof f->url, "https://localhost:%d", port);
	if (!start_child(f, backend_port, certificate) || pipe2(f->wake, O_CLOEXEC) ||
	    pthread_create(&f->thread, NULL, relay, f)) {
		fprintf(stderr, "tls_front: nghttpx did not start\n");
		abort();
	}
	return f;
}

const char *tls_front_url(const struct tls_front *f)
{
	return f->url;
}

static void wake(struct tls_front *f)
{
	if (write(f->wake[1], "", 1) != 1)
		abort();
}

void tls_front_cut(struct tls_front *f)
{
	unsigned mine = atomic_fetch_add(&f->cuts_wanted, 1) + 1;

	wake(f);
	while (atomic_load(&f->cuts_done) < mine)
		poll(NULL, 0, 1);
}

unsigned tls_front_connections(struct tls_front *f)
{
	return atomic_load(&f->accepted);
}

void tls_front_stop(struct tls_front *f)
{
	if (!f)
		return;
	atomic_store(&f->stop, true);
	wake(f);
	pthread_join(f->thread, NULL);
	for (size_t i = 0; i < MAX_PAIRS; i++)
		close_pair(f->pairs[i]);
	kill(f->child, SIGKILL);
	waitpid(f->child, NULL, 0);
	close(f->listener);
	close(f->wake[0]);
	close(f->wake[1]);
	unlink(f->socket_path);
	rmdir(f->folder);
	free(f);
}
