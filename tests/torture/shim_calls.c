/* System calls that fail, wherever they come from: the kernel is asked to signal them (seccomp), and the
 * handler makes each one itself or refuses it. Taking over functions by name would miss what the C library
 * does inside, for its streams above all.
 *
 * The handler's own calls go through syscall(), which the filter lets pass by its address. */
#include <errno.h>
#include <fcntl.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <signal.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <ucontext.h>
#include <unistd.h>

#include "shim_impl.h"

#if defined __x86_64__
#define ARGUMENT(c, i)                                                                                       \
	((c)->uc_mcontext.gregs[(const int[]){REG_RDI, REG_RSI, REG_RDX, REG_R10, REG_R8, REG_R9}[i]])
#define RESULT(c) ((c)->uc_mcontext.gregs[REG_RAX])
#elif defined __aarch64__
#define ARGUMENT(c, i) ((c)->uc_mcontext.regs[i])
#define RESULT(c) ((c)->uc_mcontext.regs[0])
#else
#error "which registers hold the arguments of a system call here?"
#endif

static const struct trapped {
	int number;
	enum torture_kind kind;
	int error;
	const char *name;
} trapped[] = {
    {SYS_write, TORTURE_WRITE, ENOSPC, "write"},
    {SYS_pwrite64, TORTURE_WRITE, ENOSPC, "pwrite"},
    {SYS_writev, TORTURE_WRITE, ENOSPC, "writev"},
    {SYS_fsync, TORTURE_SYNC, EIO, "fsync"},
    {SYS_fdatasync, TORTURE_SYNC, EIO, "fdatasync"},
#ifdef SYS_rename
    {SYS_rename, TORTURE_RENAME, EIO, "rename"},
    {SYS_unlink, TORTURE_FOLDER, EIO, "unlink"},
    {SYS_mkdir, TORTURE_FOLDER, EIO, "mkdir"},
#endif
    {SYS_renameat, TORTURE_RENAME, EIO, "renameat"},
    {SYS_renameat2, TORTURE_RENAME, EIO, "renameat2"},
    {SYS_unlinkat, TORTURE_FOLDER, EIO, "unlinkat"},
    {SYS_mkdirat, TORTURE_FOLDER, EIO, "mkdirat"},
    {SYS_ftruncate, TORTURE_FOLDER, EIO, "ftruncate"},
    {SYS_openat, TORTURE_OPEN, EMFILE, "open"},
    {SYS_read, TORTURE_READ, EIO, "read"},
    {SYS_pread64, TORTURE_READ, EIO, "pread"},
    {SYS_newfstatat, TORTURE_READ, EIO, "stat"},
    {SYS_socket, TORTURE_NETWORK, EMFILE, "socket"},
    {SYS_connect, TORTURE_NETWORK, ECONNREFUSED, "connect"},
    {SYS_sendto, TORTURE_NETWORK, ECONNRESET, "send"},
    {SYS_sendmsg, TORTURE_NETWORK, ECONNRESET, "sendmsg"},
    {SYS_recvfrom, TORTURE_NETWORK, ECONNRESET, "receive"},
};
enum { TRAPPED_COUNT = sizeof trapped / sizeof trapped[0] };

static bool is_for_writing(long flags)
{
	return (flags & O_ACCMODE) != O_RDONLY;
}

/* The record of the points that were passed is the driver's, not the program's. */
static bool is_for_the_driver(const struct trapped *call, const long *argument)
{
	const char *log = getenv("TENANTRY_CRASH_LOG");
	char link[32], path[1024];

	if (!log)
		return false;
	if (call->number == SYS_openat)
		return strcmp((const char *)argument[1], log) == 0;
	if (call->kind != TORTURE_WRITE)
		return false;
	snprintf(link, sizeof link, "/proc/self/fd/%ld", argument[0]);
	ssize_t n = readlink(link, path, sizeof path);
	return n > 0 && (size_t)n == strlen(log) && memcmp(path, log, (size_t)n) == 0;
}

static bool refuses(const struct trapped *call, long *argument)
{
	enum torture_kind kind =
	    call->number == SYS_openat && !is_for_writing(argument[2]) ? TORTURE_READ : call->kind;

	if (is_for_the_driver(call, argument))
		return false;
	if (torture_strikes(kind, call->name))
		return true;
	if (kind == TORTURE_WRITE && call->number != SYS_writev && argument[2] > 1 &&
	    torture_strikes(TORTURE_SHORT, call->name))
		argument[2] /= 2;
	return false;
}

static long refuse_or_make(const struct trapped *call, long *argument)
{
	if (refuses(call, argument))
		return call->number == SYS_openat && !is_for_writing(argument[2]) ? -EIO : -call->error;
	long rc = syscall(
	    call->number, argument[0], argument[1], argument[2], argument[3], argument[4], argument[5]);
	return rc == -1 ? -errno : rc;
}

static void on_call(int number, siginfo_t *info, void *context)
{
	ucontext_t *c = context;
	int saved = errno;
	long argument[6];

	(void)number;
	for (int i = 0; i < 6; i++)
		argument[i] = (long)ARGUMENT(c, i);
	for (int i = 0; i < TRAPPED_COUNT; i++) {
		if (trapped[i].number == info->si_syscall)
			RESULT(c) = refuse_or_make(&trapped[i], argument);
	}
	errno = saved;
}

/* Leak checkers stop the program from a process of their own that must not be signalled: only what was asked
 * for is trapped. */
static bool is_wanted(const struct trapped *call, enum torture_kind kind)
{
	return kind == TORTURE_KIND_COUNT || kind == call->kind ||
	       (kind == TORTURE_SHORT && call->kind == TORTURE_WRITE) ||
	       (kind == TORTURE_READ && call->number == SYS_openat);
}

/* The filter: calls from within syscall() pass, then a jump to the end for each that is trapped. */
void torture_trap_calls(enum torture_kind kind)
{
	enum { ROOM = 64 /* bytes that syscall() takes at most */ };
	const struct sigaction action = {
	    .sa_sigaction = on_call, .sa_flags = SA_SIGINFO | SA_NODEFER | SA_RESTART};
	const unsigned long from = (unsigned long)&syscall;
	struct sock_filter filter[TRAPPED_COUNT + 9];
	int wanted[TRAPPED_COUNT], count = 0, at = 0;

	for (int i = 0; i < TRAPPED_COUNT; i++)
		if (is_wanted(&trapped[i], kind))
			wanted[count++] = trapped[i].number;
	if (count == 0)
		return;
	/* Addresses are compared in halves. */
	if (from >> 32 != (from + ROOM) >> 32)
		abort();
	filter[at++] = (struct sock_filter)BPF_STMT(
	    BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, instruction_pointer) + 4);
	filter[at++] = (struct sock_filter)BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, (unsigned)(from >> 32), 0, 4);
	filter[at++] = (struct sock_filter)BPF_STMT(
	    BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, instruction_pointer));
	filter[at++] = (struct sock_filter)BPF_JUMP(BPF_JMP | BPF_JGE | BPF_K, (unsigned)from, 0, 2);
	filter[at++] = (struct sock_filter)BPF_JUMP(BPF_JMP | BPF_JGT | BPF_K, (unsigned)(from + ROOM), 1, 0);
	filter[at++] = (struct sock_filter)BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW);
	filter[at++] =
	    (struct sock_filter)BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr));
	for (int i = 0; i < count; i++)
		filter[at++] = (struct sock_filter)BPF_JUMP(
		    BPF_JMP | BPF_JEQ | BPF_K, (unsigned)wanted[i], (unsigned char)(count - i), 0);
	filter[at++] = (struct sock_filter)BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW);
	filter[at++] = (struct sock_filter)BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_TRAP);
	const struct sock_fprog program = {.len = (unsigned short)at, .filter = filter};
	if (sigaction(SIGSYS, &action, NULL) < 0 || prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0 ||
	    prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program) < 0)
		abort();
}
