/* A library to be preloaded that makes the nth call of a kind fail (kinds.h); it counts from the start of
 * main().
 *
 *   TENANTRY_TORTURE=KIND:N     the nth call of this kind fails; KIND:N+ that and all after it; KIND:0 none
 *   TENANTRY_TORTURE_COUNTS=F   struct torture_counts, kept in this file (which is there, and large enough)
 *   TENANTRY_TORTURE_PLACE=F    where the first failure struck: a line and a stack
 *
 * Library functions and allocation are taken over by name here; system calls, also those that the C library
 * makes for its streams, in shim_calls.c. Beware: all of it is for programs with one thread that works. */
#include <dlfcn.h>
#include <errno.h>
#include <execinfo.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "shim_impl.h"

static const char *const names[] = {
#define X(kind, name, what) name,
    TORTURE_KINDS(X)
#undef X
};

static struct {
	bool armed, on_from_there;
	enum torture_kind kind;
	unsigned long n;
	struct torture_counts *counts;
	int place; /* file, -1 none */
} shim = {.place = -1};

/* A run that hangs is a finding too. */
enum { SECONDS_MAX = 120 };

/* Among the points that the program passes, so that it can be told what it was about. */
static void note_point(void)
{
	const char *log = getenv("TENANTRY_CRASH_LOG");
	int fd = log ? open(log, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600) : -1;

	if (fd < 0)
		return;
	dprintf(fd, "0 struck %s\n", names[shim.kind]);
	close(fd);
}

static void note_place(const char *call)
{
	void *frames[48];
	char line[128];
	int place = shim.place,
	    n = snprintf(line, sizeof line, "%s %lu: %s\n", names[shim.kind], shim.n, call);

	shim.place = -1;
	if (place < 0 || write(place, line, (size_t)n) != n)
		return;
	backtrace_symbols_fd(frames, backtrace(frames, 48), place);
	close(place);
}

bool torture_strikes(enum torture_kind kind, const char *call)
{
	if (!shim.armed)
		return false;
	unsigned long n = atomic_fetch_add(&shim.counts->passed[kind], 1) + 1;
	if (kind != shim.kind || shim.n == 0 || !(n == shim.n || (n > shim.n && shim.on_from_there)))
		return false;
	shim.armed = false;
	note_point();
	note_place(call);
	shim.armed = true;
	atomic_fetch_add(&shim.counts->struck, 1);
	return true;
}

unsigned long torture_number(void)
{
	return shim.n + atomic_load(&shim.counts->struck);
}

void *torture_real(const char *name)
{
	void *function = dlsym(RTLD_NEXT, name);

	if (!function)
		abort();
	return function;
}

static void arm(void)
{
	const char *order = getenv("TENANTRY_TORTURE"), *counts = getenv("TENANTRY_TORTURE_COUNTS"),
		   *place = getenv("TENANTRY_TORTURE_PLACE");
	void *frame;
	int fd = counts ? open(counts, O_RDWR | O_CLOEXEC) : -1;
	size_t i = 0, length = order ? strcspn(order, ":") : 0;

	if (fd < 0 || !order || !order[length])
		return;
	shim.counts = mmap(NULL, sizeof *shim.counts, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	close(fd);
	while (
	    i < TORTURE_KIND_COUNT && (strlen(names[i]) != length || strncmp(names[i], order, length) != 0))
		i++;
	if (i == TORTURE_KIND_COUNT || shim.counts == MAP_FAILED)
		abort();
	shim.kind = (enum torture_kind)i;
	shim.n = strtoul(order + length + 1, NULL, 10);
	shim.on_from_there = order[strlen(order) - 1] == '+';
	if (place)
		shim.place = open(place, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
	(void)backtrace(&frame, 1); /* it loads a library the first time */
	alarm(SECONDS_MAX);
	torture_trap_calls(shim.n == 0 ? TORTURE_KIND_COUNT : shim.kind);
	shim.armed = true;
}

/* ---- A leak checker that is preloaded too is told what is not the program's: what loading a library for the
 * stack takes. */

const char *__lsan_default_suppressions(void);
const char *__lsan_default_suppressions(void)
{
	return "leak:dl_open_worker\nleak:/ld-linux\n";
}

/* ---- From the start of main(): what libraries do when they are loaded is not the program's. */

static int (*real_main)(int, char **, char **);

static int armed_main(int argc, char **argv, char **environment)
{
	arm();
	return real_main(argc, argv, environment);
}

typedef int start_main(
    int (*)(int, char **, char **), int, char **, void (*)(void), void (*)(void), void (*)(void), void *);

start_main __libc_start_main;
int __libc_start_main(int (*main)(int, char **, char **), int argc, char **argv, void (*init)(void),
    void (*fini)(void), void (*loader_fini)(void), void *stack_end)
{
	start_main *real = (start_main *)torture_real("__libc_start_main");

	real_main = main;
	return real(armed_main, argc, argv, init, fini, loader_fini, stack_end);
}

/* ---- Allocation. Looking up the real functions allocates: from a small store of our own that is never given
 * back. */

static struct {
	void *(*malloc)(size_t);
	void *(*calloc)(size_t, size_t);
	void *(*realloc)(void *, size_t);
	int (*posix_memalign)(void **, size_t, size_t);
	void *(*aligned_alloc)(size_t, size_t);
	void (*free)(void *);
} real;

static _Alignas(16) char early[16384];
static size_t early_used;

static bool is_early(const void *p)
{
	return (const char *)p >= early && (const char *)p < early + sizeof early;
}

static void *early_alloc(size_t n)
{
	void *p = early + early_used;

	n = (n + 15) & ~(size_t)15;
	if (n > sizeof early - early_used)
		abort();
	early_used += n;
	return p;
}

static bool ready(void)
{
	static bool looking;

	if (real.free)
		return true;
	if (looking)
		return false;
	looking = true;
	real.malloc = (void *(*)(size_t))torture_real("malloc");
	real.calloc = (void *(*)(size_t, size_t))torture_real("calloc");
	real.realloc = (void *(*)(void *, size_t))torture_real("realloc");
	real.posix_memalign = (int (*)(void **, size_t, size_t))torture_real("posix_memalign");
	real.aligned_alloc = (void *(*)(size_t, size_t))torture_real("aligned_alloc");
	real.free = (void (*)(void *))torture_real("free");
	return true;
}

static bool refuses(const char *call)
{
	if (!torture_strikes(TORTURE_ALLOC, call))
		return false;
	errno = ENOMEM;
	return true;
}

void *malloc(size_t n)
{
	if (!ready())
		return early_alloc(n);
	return refuses("malloc") ? NULL : real.malloc(n);
}

void *calloc(size_t count, size_t size)
{
	if (!ready())
		return early_alloc(count * size);
	return refuses("calloc") ? NULL : real.calloc(count, size);
}

void *realloc(void *p, size_t n)
{
	if (!ready() || is_early(p))
		abort();
	return refuses("realloc") ? NULL : real.realloc(p, n);
}

void *reallocarray(void *p, size_t count, size_t size)
{
	size_t n;

	if (__builtin_mul_overflow(count, size, &n)) {
		errno = ENOMEM;
		return NULL;
	}
	return realloc(p, n);
}

int posix_memalign(void **out, size_t alignment, size_t n)
{
	if (!ready())
		abort();
	return refuses("posix_memalign") ? ENOMEM : real.posix_memalign(out, alignment, n);
}

void *aligned_alloc(size_t alignment, size_t n)
{
	if (!ready())
		abort();
	return refuses("aligned_alloc") ? NULL : real.aligned_alloc(alignment, n);
}

void free(void *p)
{
	if (p && !is_early(p) && ready())
		real.free(p);
}
