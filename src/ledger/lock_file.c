/* The lock in the kernel beside a ledger; see lock_file.h. */
#include "tenantry/lock_file.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "tenantry/log.h"
#include "tenantry/mem.h"

enum { TRIES = 10 /* against somebody who removes the file again and again */ };

struct lock_file {
	char *path, *ledger;
	char run_id[LOCK_HOLDER_SIZE];
	int fd;
	bool is_new;
	struct lock_file *next; /* of those of this process */
};

/* A child that is forked and goes on without exec (O_CLOEXEC sees to the others) would keep the lock of a
 * parent that was killed: it closes them first. */
static struct lock_file *ours;

static void close_in_child(void)
{
	for (struct lock_file *file = ours; file; file = file->next) {
		close(file->fd);
		file->fd = -1;
	}
}

static void remember(struct lock_file *file)
{
	static bool registered;

	if (!registered && pthread_atfork(NULL, NULL, close_in_child) == 0)
		registered = true;
	file->next = ours;
	ours = file;
}

static void forget(const struct lock_file *file)
{
	for (struct lock_file **at = &ours; *at; at = &(*at)->next)
		if (*at == file) {
			*at = file->next;
			return;
		}
}

/* The real ledger's name with ".lock" after it. Of a ledger that is not there the folder's real name counts.
 * The caller frees; NULL with errno. */
static char *path_beside(const char *ledger)
{
	char *real = realpath(ledger, NULL), *path;

	if (real) {
		path = mem_printf("%s.lock", real);
	} else if (errno != ENOENT) {
		return NULL;
	} else {
		char *folder = mem_strdup(ledger), *slash = strrchr(folder, '/');
		const char *name = slash ? strrchr(ledger, '/') + 1 : ledger;
		if (slash)
			slash[slash == folder] = '\0';
		real = realpath(slash ? folder : ".", NULL);
		path = real ? mem_printf("%s/%s.lock", strcmp(real, "/") == 0 ? "" : real, name) : NULL;
		free(folder);
	}
	free(real);
	return path;
}

static int failed(const char *path, const char *what, const char *hint, struct error *err)
{
	error_set(err, ERR_LEDGER, "%s: %s", what, strerror(errno));
	error_place(err, path, 0, 0, NULL);
	return error_hint(err, "%s", hint);
}

static const char may_hint[] =
    "the user that runs the job must be able to write to the ledger's folder and to "
    "the .lock file in it; if root made that file, give it to the ledger's owner";
static const char disk_hint[] =
    "the ledger needs a file system with locks, on a disk of this machine: set `ledger` in the job file";

static void read_holder(int fd, char holder[LOCK_HOLDER_SIZE])
{
	ssize_t n = pread(fd, holder, LOCK_HOLDER_SIZE - 1, 0);

	holder[n > 0 ? n : 0] = '\0';
	holder[strcspn(holder, "\n")] = '\0';
}

static void write_holder(const struct lock_file *file)
{
	char line[LOCK_HOLDER_SIZE + 1];
	int n = snprintf(line, sizeof line, "%s\n", file->run_id);

	/* For messages only: a disk that is full keeps nobody from the lock. */
	if (ftruncate(file->fd, 0) < 0 || pwrite(file->fd, line, (size_t)n, 0) != n)
		log_debug("%s: cannot be written: %s", file->path, strerror(errno));
}

/* What root makes belongs to the ledger's owner, as SQLite does with its own two files: else that user's next
 * night could not begin. */
static void give_to_owner(const struct lock_file *file)
{
	struct stat st;

	if (geteuid() == 0 && stat(file->ledger, &st) == 0 && (st.st_uid != 0 || st.st_gid != 0) &&
	    fchown(file->fd, st.st_uid, st.st_gid) < 0)
		log_warn("%s: cannot be given to the ledger's owner: %s", file->path, strerror(errno));
}

/* Gives false when the name has another file by now, or none. */
static bool is_at(int fd, const char *path)
{
	struct stat mine, there;

	return fstat(fd, &mine) == 0 && lstat(path, &there) == 0 && mine.st_dev == there.st_dev &&
	       mine.st_ino == there.st_ino;
}

/* Whether the file was there is known for sure: made is only what was not. */
static int open_file(struct lock_file *file)
{
	static const int flags = O_RDWR | O_CLOEXEC | O_NOFOLLOW;
	int fd = open(file->path, flags);

	file->is_new = false;
	if (fd >= 0 || errno != ENOENT)
		return fd;
	fd = open(file->path, flags | O_CREAT | O_EXCL, 0600);
	file->is_new = fd >= 0;
	return fd >= 0 || errno != EEXIST ? fd : open(file->path, flags);
}

/* 1 it is ours, 0 the file was removed meanwhile, -1 with err. */
static int try_once(struct lock_file *file, char holder[LOCK_HOLDER_SIZE], struct error *err)
{
	struct flock whole = {.l_type = F_WRLCK, .l_whence = SEEK_SET};

	file->fd = open_file(file);
	if (file->fd < 0)
		return failed(file->path, "the ledger's lock file cannot be opened", may_hint, err);
	if (fcntl(file->fd, F_OFD_SETLK, &whole) < 0) {
		if (errno != EAGAIN && errno != EACCES)
			return failed(file->path, "the ledger's lock file cannot be locked", disk_hint, err);
		read_holder(file->fd, holder);
		error_set(err, ERR_LOCKED, "the ledger is in use by %s%s on this machine",
		    holder[0] ? "run " : "another process", holder);
		error_place(err, file->path, 0, 0, NULL);
		return error_hint(err, "wait until it has ended");
	}
	if (is_at(file->fd, file->path))
		return 1;
	close(file->fd);
	file->fd = -1;
	return 0;
}

static int take(struct lock_file *file, char holder[LOCK_HOLDER_SIZE], struct error *err)
{
	int got = 0;

	for (int i = 0; i < TRIES && got == 0; i++)
		got = try_once(file, holder, err);
	if (got == 0)
		return error_set(err, ERR_LEDGER, "%s is removed again and again", file->path);
	if (got < 0)
		return -1;
	give_to_owner(file);
	write_holder(file);
	return 0;
}

struct lock_file *lock_file_take(
    const char *ledger, const char *run_id, char holder[LOCK_HOLDER_SIZE], struct error *err)
{
	struct lock_file *file = mem_zalloc(sizeof *file);

	holder[0] = '\0';
	file->fd = -1;
	file->ledger = mem_strdup(ledger);
	file->path = path_beside(ledger);
	snprintf(file->run_id, sizeof file->run_id, "%s", run_id);
	remember(file);
	if (!file->path)
		failed(ledger, "the ledger's folder cannot be opened", may_hint, err);
	else if (take(file, holder, err) == 0)
		return file;
	lock_file_free(file);
	return NULL;
}

void lock_file_free(struct lock_file *file)
{
	if (!file)
		return;
	forget(file);
	if (file->fd >= 0)
		close(file->fd);
	free(file->path);
	free(file->ledger);
	free(file);
}

bool lock_file_is_new(const struct lock_file *file)
{
	return file->is_new;
}

void lock_file_keep(struct lock_file *file)
{
	file->is_new = false;
}

void lock_file_discard(struct lock_file *file)
{
	if (file && file->is_new && is_at(file->fd, file->path))
		unlink(file->path);
	lock_file_free(file);
}

int lock_file_renew(struct lock_file *file, struct error *err)
{
	char holder[LOCK_HOLDER_SIZE] = "";
	struct error trouble = {0};
	int before = file->fd;

	if (is_at(before, file->path))
		return 0;
	if (take(file, holder, &trouble) == 0) {
		log_warn("%s was removed while the run holds it; it is made again", file->path);
		close(before);
		return 0;
	}
	if (file->fd >= 0)
		close(file->fd);
	file->fd = before;
	if (trouble.code == ERR_LOCKED) {
		log_warn("%s was removed while the run holds it; %s", file->path, trouble.text);
		return 0;
	}
	*err = trouble;
	return -1;
}

static int folder_check(const char *path, struct error *err)
{
	char *folder = mem_strdup(path);
	int rc = 0;

	*strrchr(folder, '/') = '\0'; /* a real path has one */
	if (access(folder[0] ? folder : "/", W_OK | X_OK) < 0 && errno != ENOENT)
		rc = failed(path, "the ledger's lock file cannot be made", may_hint, err);
	free(folder);
	return rc;
}

int lock_file_check(const char *ledger, struct error *err)
{
	char *path = path_beside(ledger);
	int fd = path ? open(path, O_RDWR | O_CLOEXEC | O_NOFOLLOW) : -1;
	int rc = 0;

	if (fd < 0 && errno != ENOENT)
		rc = failed(path ? path : ledger, "the ledger's lock file cannot be opened", may_hint, err);
	else if (fd < 0 && path)
		rc = folder_check(path, err);
	if (fd >= 0)
		close(fd);
	free(path);
	return rc;
}

int lock_file_holder(const char *ledger, char holder[LOCK_HOLDER_SIZE], struct error *err)
{
	struct flock whole = {.l_type = F_WRLCK, .l_whence = SEEK_SET};
	char *path = path_beside(ledger);
	int fd = path ? open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW) : -1;
	int rc = 0;

	holder[0] = '\0';
	if (fd < 0)
		rc = errno == ENOENT
			 ? 0
			 : failed(path ? path : ledger, "the lock file cannot be read", may_hint, err);
	else if (fcntl(fd, F_OFD_GETLK, &whole) < 0)
		rc = failed(path, "the lock file cannot be looked at", disk_hint, err);
	else if (whole.l_type != F_UNLCK) {
		read_holder(fd, holder);
		rc = 1;
	}
	if (fd >= 0)
		close(fd);
	free(path);
	return rc;
}
