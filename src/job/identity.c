/* Who runs; see identity.h. */
#include "tenantry/identity.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <pwd.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "tenantry/log.h"
#include "tenantry/mem.h"

enum { TIME_PART = 16, RANDOM_PART = 6, MAX_DEPTH = 8 }; /* 20261122T013000Z, 3f2a1c */

/* A small file of /proc; "" when it cannot be read. Without its line break. */
static void read_small(const char *path, char *out, size_t size)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	ssize_t n = fd < 0 ? 0 : read(fd, out, size - 1);

	out[n > 0 ? n : 0] = '\0';
	out[strcspn(out, "\n")] = '\0';
	if (fd >= 0)
		close(fd);
}

/* Field 22 of /proc/PID/stat, in clock ticks since boot; 0 when there is no such process. Field 2 is the
 * program's name in brackets and may hold anything, so fields are counted from the last bracket. A zombie is
 * no longer at work. */
static int64_t process_start(int64_t pid)
{
	char path[64], text[1024];
	int64_t start = 0;

	snprintf(path, sizeof path, "/proc/%" PRId64 "/stat", pid);
	read_small(path, text, sizeof text);
	char *at = strrchr(text, ')');
	if (!at || (at[1] == ' ' && (at[2] == 'Z' || at[2] == 'X')))
		return 0;
	for (int field = 2; at && field < 22; field++)
		at = strchr(at + 1, ' ');
	if (at)
		start = strtoll(at + 1, NULL, 10);
	return start;
}

static void read_boot_id(char out[64])
{
	read_small("/proc/sys/kernel/random/boot_id", out, 64);
}

static void read_host(char out[256])
{
	if (gethostname(out, 256) < 0)
		snprintf(out, 256, "unknown");
	out[255] = '\0';
}

static void make_run_id(char out[RUN_ID_SIZE], struct clock *clock)
{
	char text[TIME_TEXT_SIZE];
	uint32_t chance = 0;
	size_t n = 0;

	/* Without the kernel's randomness two runs of the same second are told apart by their process. */
	if (getrandom(&chance, sizeof chance, 0) != (ssize_t)sizeof chance)
		chance = (uint32_t)getpid();
	time_text(clock_wall_ms(clock), text);
	for (const char *c = text; *c && n < TIME_PART; c++)
		if (*c != '-' && *c != ':')
			out[n++] = *c;
	snprintf(out + n, RUN_ID_SIZE - n, "-%06x", (unsigned)(chance & 0xffffff));
}

void identity_of_run(struct identity *out, struct clock *clock)
{
	*out = (struct identity){.pid = getpid(), .process_start = process_start(getpid())};
	make_run_id(out->run_id, clock);
	read_host(out->host);
	read_boot_id(out->boot_id);
}

void machine_read(struct machine *out, int64_t now)
{
	struct timespec up = {0};

	read_host(out->host);
	read_boot_id(out->boot_id);
	clock_gettime(CLOCK_BOOTTIME, &up);
	out->booted_at = now - (int64_t)up.tv_sec * 1000 - up.tv_nsec / 1000000;
}

enum owner_place owner_place(const struct lock_owner *owner, const struct machine *here)
{
	if (here->boot_id[0] && strcmp(owner->boot_id, here->boot_id) == 0)
		return OWNER_HERE;
	if (strcmp(owner->host, here->host) == 0 && owner->heartbeat < here->booted_at)
		return OWNER_BEFORE_BOOT;
	return OWNER_ELSEWHERE;
}

/* By the process, as it is seen from this PID namespace. */
static bool process_is_there(const struct lock_owner *owner)
{
	int64_t start = process_start(owner->pid);

	if (start == 0) /* gone, or /proc is hidden from us: then the kernel still knows the pid */
		return kill((pid_t)owner->pid, 0) < 0 && errno == EPERM;
	return start == owner->process_start;
}

bool owner_may_be_alive(const struct lock_owner *owner, int64_t now)
{
	struct machine here;

	machine_read(&here, now);
	switch (owner_place(owner, &here)) {
	case OWNER_HERE:
		if (owner->by_file)
			return false;
		return strcmp(owner->host, here.host) != 0 || process_is_there(owner);
	case OWNER_BEFORE_BOOT:
		return false;
	default:
		return true;
	}
}

bool owner_at_work(struct ledger *ledger, const struct lock_owner *owner, int64_t now)
{
	char holder[LOCK_HOLDER_SIZE];
	struct machine here;
	struct error err = {0};

	machine_read(&here, now);
	if (!owner->by_file || owner_place(owner, &here) != OWNER_HERE)
		return owner_may_be_alive(owner, now);
	int held = ledger_lock_holder(ledger, holder, &err);
	if (held >= 0)
		return held == 1 && strcmp(holder, owner->run_id) == 0;
	log_debug("%s: the process tells instead", err.text);
	return process_is_there(owner);
}

/* The login uid outlives su and sudo; a process that nobody logged in for (cron) has none. */
void identity_who(char out[WHO_SIZE])
{
	char text[32];
	int64_t uid;

	read_small("/proc/self/loginuid", text, sizeof text);
	if (!strv_to_int64(strv_of(text), &uid) || uid < 0 || uid >= UINT32_MAX)
		uid = getuid();
	const struct passwd *user = getpwuid((uid_t)uid);
	if (user && user->pw_name[0])
		snprintf(out, WHO_SIZE, "%s", user->pw_name);
	else
		snprintf(out, WHO_SIZE, "uid %" PRId64, uid);
}

bool run_id_is(const char *text)
{
	static const char shape[] = "dddddddd"
				    "T"
				    "dddddd"
				    "Z-"
				    "xxxxxx";
	size_t n = strlen(text);

	if (n != TIME_PART + 1 + RANDOM_PART)
		return false;
	for (size_t i = 0; i < n; i++) {
		bool digit = text[i] >= '0' && text[i] <= '9',
		     hex = digit || (text[i] >= 'a' && text[i] <= 'f');
		bool fine = shape[i] == 'd' ? digit : shape[i] == 'x' ? hex : text[i] == shape[i];
		if (!fine)
			return false;
	}
	return true;
}

bool run_id_time(const char *run_id, int64_t *ms)
{
	char text[TIME_TEXT_SIZE];

	snprintf(text, sizeof text, "%.4s-%.2s-%.2sT%.2s:%.2s:%.2sZ", run_id, run_id + 4, run_id + 6,
	    run_id + 9, run_id + 11, run_id + 13);
	return time_parse(strv_of(text), ms, NULL);
}

/* Does the folder hold what a run writes, whole or as the temporary file of a run that was killed? An empty
 * one counts: a run makes its folder first. */
static bool looks_like_run(DIR *dir)
{
	static const char *const signs[] = {
	    "run.json", "audit.ndjson", "accepted.csv", "rejected.csv", "tenants.csv"};
	struct dirent *entry;
	bool empty = true, known = false;

	while ((entry = readdir(dir)) != NULL) {
		if (strcmp(entry->d_name, ".") == 0 || strcmp(entry->d_name, "..") == 0)
			continue;
		empty = false;
		for (size_t i = 0; i < ARRAY_LEN(signs); i++)
			known |= strncmp(entry->d_name, signs[i], strlen(signs[i])) == 0;
	}
	return known || empty;
}

/* A folder that has only the name of a run's may be somebody's own. */
static bool is_run_folder(int output, const char *name)
{
	int fd = run_id_is(name) ? openat(output, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC) : -1;
	DIR *dir = fd < 0 ? NULL : fdopendir(fd);
	bool is = dir && looks_like_run(dir);

	if (dir)
		closedir(dir);
	else if (fd >= 0)
		close(fd);
	return is;
}

/* Removes a folder and what is in it; follows no links. 0, or errno. */
static int remove_folder(int parent, const char *name, int depth)
{
	int fd = openat(parent, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC), rc = 0;
	DIR *dir = fd < 0 ? NULL : fdopendir(fd);

	if (!dir) {
		rc = errno;
		if (fd >= 0)
			close(fd);
		return rc;
	}
	for (struct dirent *entry; rc == 0 && (entry = readdir(dir)) != NULL;) {
		if (strcmp(entry->d_name, ".") == 0 || strcmp(entry->d_name, "..") == 0)
			continue;
		if (unlinkat(dirfd(dir), entry->d_name, 0) == 0)
			continue;
		rc = errno;
		if ((rc == EISDIR || rc == EPERM) && depth < MAX_DEPTH)
			rc = remove_folder(dirfd(dir), entry->d_name, depth + 1);
	}
	closedir(dir);
	if (rc == 0 && unlinkat(parent, name, AT_REMOVEDIR) < 0)
		rc = errno;
	return rc;
}

struct names {
	char **items;
	size_t count, cap;
};

static int by_name(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

static void list_run_folders(DIR *dir, struct names *names)
{
	struct dirent *entry;

	while ((entry = readdir(dir)) != NULL) {
		if (!is_run_folder(dirfd(dir), entry->d_name))
			continue;
		MEM_GROW(names->items, names->count, names->cap);
		names->items[names->count++] = mem_strdup(entry->d_name);
	}
	if (names->count > 0)
		qsort(names->items, names->count, sizeof *names->items, by_name);
}

static int open_output(const char *output, DIR **dir, struct error *err)
{
	*dir = opendir(output);
	if (*dir || errno == ENOENT)
		return 0;
	error_set(err, ERR_OUTPUT, "cannot look for run folders: %s", strerror(errno));
	return error_place(err, output, 0, 0, NULL);
}

static void free_names(struct names *names)
{
	for (size_t i = 0; i < names->count; i++)
		free(names->items[i]);
	free(names->items);
}

int run_folders_list(
    const char *output, struct arena *arena, const char ***ids, size_t *count, struct error *err)
{
	struct names names = {0};
	DIR *dir;

	*count = 0;
	*ids = NULL;
	if (open_output(output, &dir, err) < 0)
		return -1;
	if (!dir)
		return 0;
	list_run_folders(dir, &names);
	closedir(dir);
	*ids = arena_alloc(arena, (names.count + 1) * sizeof **ids);
	for (; *count < names.count; ++*count)
		(*ids)[*count] = arena_strdup(arena, names.items[*count]);
	free_names(&names);
	return 0;
}

int run_folder_remove(const char *output, const char *run_id, struct error *err)
{
	DIR *dir;
	int number;

	if (open_output(output, &dir, err) < 0)
		return -1;
	struct stat st;
	if (!dir || (fstatat(dirfd(dir), run_id, &st, AT_SYMLINK_NOFOLLOW) < 0 && errno == ENOENT))
		number = 0;
	else
		number = is_run_folder(dirfd(dir), run_id) ? remove_folder(dirfd(dir), run_id, 0) : ENOTDIR;
	if (dir)
		closedir(dir);
	if (number == 0)
		return 0;
	error_set(err, ERR_OUTPUT, "cannot remove the old run folder %s: %s", run_id, strerror(number));
	error_place(err, output, 0, 0, NULL);
	return error_hint(err, "remove it by hand, or make it writable for the user that runs the job");
}
