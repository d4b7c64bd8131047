/* A proxy before a database server that breaks the connection when it is told to: for tests, TCP to TCP on
 * this machine.
 *
 *   pg_proxy --target HOST:PORT --port-file FILE [--when TEXT --do drop|swallow|hang|pass --run COMMAND]
 * [--times N] [--cut-after BYTES] pg_proxy --free-port      prints a port that was free just now
 *
 * --when: what the client sends has TEXT in it. drop: the connection ends before the server sees it. swallow:
 * the server gets it, and the connection ends when its answer comes. hang: the server gets it, and no answer
 * ever passes. pass: nothing of that. --run: at that moment, after the server got it, or before the first
 * cut. --times: only the first N (default 1); later ones pass.
 * --cut-after: every connection ends after so many bytes from the server. One line to stderr a break. */
#include <arpa/inet.h>
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

enum { PAIRS = 64, BLOCK = 65536 };

struct pair {
	int client, server;
	long from_server;
	bool swallow, hang;
};
static struct {
	struct sockaddr_in target;
	const char *port_file, *when, *what, *run;
	long times, cut_after;
} options = {.what = "drop", .times = 1};
static struct pair pairs[PAIRS];
static size_t pair_count;

static int listen_on_any_port(int *port)
{
	struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	socklen_t n = sizeof address;
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

	if (fd < 0 || bind(fd, (struct sockaddr *)&address, sizeof address) < 0 || listen(fd, 16) < 0 ||
	    getsockname(fd, (struct sockaddr *)&address, &n) < 0) {
		perror("pg_proxy");
		exit(2);
	}
	*port = ntohs(address.sin_port);
	return fd;
}

/* Whole or not at all: who waits for the file reads a whole number. */
static void write_port(int port)
{
	char name[4096];
	FILE *file;

	snprintf(name, sizeof name, "%s.new", options.port_file);
	file = fopen(name, "w");
	if (!file || fprintf(file, "%d\n", port) < 0 || fclose(file) != 0 ||
	    rename(name, options.port_file) != 0) {
		perror(options.port_file);
		exit(2);
	}
}

static void drop(size_t n, const char *why)
{
	struct linger hard = {1, 0};

	fprintf(stderr, "%s\n", why);
	setsockopt(pairs[n].client, SOL_SOCKET, SO_LINGER, &hard, sizeof hard);
	close(pairs[n].client);
	close(pairs[n].server);
	pairs[n] = pairs[--pair_count];
}

static bool send_all(int fd, const char *p, ssize_t n)
{
	while (n > 0) {
		ssize_t k = send(fd, p, (size_t)n, MSG_NOSIGNAL);
		if (k < 0 && errno == EINTR)
			continue;
		if (k <= 0)
			return false;
		p += k;
		n -= k;
	}
	return true;
}

static void run_command(void)
{
	if (options.run && system(options.run) != 0)
		fprintf(stderr, "the command failed\n");
}

/* false: the pair is gone */
static bool from_client(size_t n)
{
	static char block[BLOCK];
	ssize_t k = recv(pairs[n].client, block, sizeof block, 0);
	bool hit = false;

	if (k <= 0) {
		drop(n, "client left");
		return false;
	}
	if (options.when && options.times > 0 &&
	    memmem(block, (size_t)k, options.when, strlen(options.when))) {
		options.times--;
		hit = true;
		if (strcmp(options.what, "drop") == 0) {
			drop(n, "dropped a request");
			return false;
		}
		pairs[n].swallow = strcmp(options.what, "swallow") == 0;
		pairs[n].hang = strcmp(options.what, "hang") == 0;
	}
	bool sent = send_all(pairs[n].server, block, k);
	if (hit)
		run_command();
	if (sent)
		return true;
	drop(n, "server left");
	return false;
}

static bool from_server(size_t n)
{
	static char block[BLOCK];
	ssize_t k = recv(pairs[n].server, block, sizeof block, 0);

	if (k <= 0) {
		drop(n, "server left");
		return false;
	}
	pairs[n].from_server += k;
	if (pairs[n].hang)
		return true;
	bool cut = options.cut_after > 0 && pairs[n].from_server > options.cut_after;
	if (cut && !options.when && options.times-- > 0)
		run_command();
	if (pairs[n].swallow || cut) {
		drop(n, pairs[n].swallow ? "swallowed an answer" : "cut");
		return false;
	}
	if (send_all(pairs[n].client, block, k))
		return true;
	drop(n, "client left");
	return false;
}

static void take_client(int listener)
{
	int client = accept4(listener, NULL, NULL, SOCK_CLOEXEC),
	    server = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

	if (client >= 0 && server >= 0 && pair_count < PAIRS &&
	    connect(server, (struct sockaddr *)&options.target, sizeof options.target) == 0) {
		pairs[pair_count++] = (struct pair){.client = client, .server = server};
		return;
	}
	close(client);
	close(server);
}

static void work(int listener)
{
	struct pollfd fds[1 + 2 * PAIRS];

	for (;;) {
		size_t count = pair_count;
		fds[0] = (struct pollfd){.fd = listener, .events = POLLIN};
		for (size_t i = 0; i < count; i++) {
			fds[1 + 2 * i] = (struct pollfd){.fd = pairs[i].client, .events = POLLIN};
			fds[2 + 2 * i] = (struct pollfd){.fd = pairs[i].server, .events = POLLIN};
		}
		if (poll(fds, 1 + 2 * count, -1) < 0)
			continue;
		/* From the end: one that goes is replaced by the last. */
		for (size_t i = count; i-- > 0;) {
			if (fds[1 + 2 * i].revents && !from_client(i))
				continue;
			if (fds[2 + 2 * i].revents)
				from_server(i);
		}
		if (fds[0].revents)
			take_client(listener);
	}
}

static void read_target(char *text)
{
	char *colon = strrchr(text, ':');

	if (!colon)
		exit(2);
	*colon = '\0';
	options.target =
	    (struct sockaddr_in){.sin_family = AF_INET, .sin_port = htons((unsigned short)atoi(colon + 1))};
	if (inet_pton(AF_INET, text, &options.target.sin_addr) != 1)
		exit(2);
}

int main(int argc, char **argv)
{
	int port, listener = listen_on_any_port(&port);

	for (int i = 1; i < argc; i++) {
		char *value = i + 1 < argc ? argv[i + 1] : (char *)"";
		if (strcmp(argv[i], "--free-port") == 0)
			return printf("%d\n", port) < 0;
		i++;
		if (strcmp(argv[i - 1], "--target") == 0)
			read_target(value);
		else if (strcmp(argv[i - 1], "--port-file") == 0)
			options.port_file = value;
		else if (strcmp(argv[i - 1], "--when") == 0)
			options.when = value;
		else if (strcmp(argv[i - 1], "--do") == 0)
			options.what = value;
		else if (strcmp(argv[i - 1], "--run") == 0)
			options.run = value;
		else if (strcmp(argv[i - 1], "--times") == 0)
			options.times = atol(value);
		else if (strcmp(argv[i - 1], "--cut-after") == 0)
			options.cut_after = atol(value);
		else
			return 2;
	}
	if (!options.port_file)
		return 2;
	signal(SIGPIPE, SIG_IGN);
	write_port(port);
	work(listener);
	return 0;
}
