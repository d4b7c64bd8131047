/* Whole files or none; see atomic_file.h. Temporary files that are still open at exit are removed. */
#include "tenantry/atomic_file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "tenantry/crash_point.h"
#include "tenantry/mem.h"

enum { BUFFER_SIZE = 256 * 1024, BEGIN_WRITING = 8 * 1024 * 1024 };

struct atomic_file {
	struct atomic_file *next; /* all that are open, for the removal at exit */
	char *path, *temporary;
	int fd, failure; /* errno of the first failed write */
	size_t used;
	size_t waiting; /* bytes that the disk was not told of yet */
	char *buffer;
};

static struct atomic_file *open_files;
static pid_t owner; /* a child that ends must leave them to its parent */

static void remove_open_files(void)
{
	if (getpid() != owner)
		return;
	for (struct atomic_file *f = open_files; f; f = f->next)
		unlink(f->temporary);
}

static void unlist(struct atomic_file *file)
{
	for (struct atomic_file **at = &open_files; *at; at = &(*at)->next) {
		if (*at == file) {
			*at = file->next;
			return;
		}
	}
}

static void dispose(struct atomic_file *file)
{
	unlist(file);
	if (file->fd >= 0)
		close(file->fd);
	free(file->path);
	free(file->temporary);
	free(file->buffer);
	free(file);
}

static int output_error(struct error *err, const char *path, int number, const char *what)
{
	error_set(err, ERR_OUTPUT, "%s: %s", what, strerror(number));
	error_place(err, path, 0, 0, NULL);
	if (number == ENOSPC || number == EDQUOT)
		error_hint(err,
		    "free some space there and run the same command again; nothing half-written was left");
	else if (number == EACCES || number == EPERM || number == EROFS)
		error_hint(err, "make the folder writable for the user that runs the job");
	return -1;
}

struct atomic_file *atomic_file_new(const char *path, struct error *err)
{
	static bool registered;
	struct atomic_file *file = mem_zalloc(sizeof *file);

	file->path = mem_strdup(path);
	file->temporary = mem_printf("%s.%ld.tmp", path, (long)getpid());
	file->fd = open(file->temporary, O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
	if (file->fd < 0) {
		output_error(err, path, errno, "cannot write");
		dispose(file);
		return NULL;
	}
	if (!registered)
		atexit(remove_open_files);
	registered = true;
	owner = getpid();
	file->buffer = mem_zalloc(BUFFER_SIZE);
	file->next = open_files;
	open_files = file;
	return file;
}

static void write_out(struct atomic_file *file, const char *p, size_t n)
{
	while (n > 0 && file->failure == 0) {
		ssize_t k = write(file->fd, p, n);
		if (k < 0 && errno == EINTR)
			continue;
		if (k <= 0) {
			file->failure = k < 0 ? errno : EIO;
			return;
		}
		p += k;
		n -= (size_t)k;
	}
}

/* A large file begins its way to the disk while it is written, so that the fsync at its end does not wait for
 * all of it. */
static void flush_buffer(struct atomic_file *file)
{
	write_out(file, file->buffer, file->used);
	file->waiting += file->used;
	file->used = 0;
	if (file->waiting >= BEGIN_WRITING) {
		sync_file_range(file->fd, 0, 0, SYNC_FILE_RANGE_WRITE);
		file->waiting = 0;
	}
}

void atomic_file_write(struct atomic_file *file, const char *p, size_t n)
{
	if (n > BUFFER_SIZE - file->used)
		flush_buffer(file);
	if (n > BUFFER_SIZE) {
		write_out(file, p, n);
		return;
	}
	if (n > 0)
		memcpy(file->buffer + file->used, p, n);
	file->used += n;
}

void atomic_file_writev(struct atomic_file *file, struct strv v)
{
	atomic_file_write(file, v.p, v.n);
}

void atomic_file_puts(struct atomic_file *file, const char *s)
{
	atomic_file_write(file, s, strlen(s));
}

int atomic_file_fd(struct atomic_file *file)
{
	flush_buffer(file);
	return file->failure ? -1 : file->fd;
}

/* The rename is only durable once the folder that holds the name is. */
int folder_sync_for(const char *file)
{
	char *folder = mem_strdup(file), *slash = strrchr(folder, '/');

	if (slash)
		slash[slash == folder] = '\0';
	int fd = open(slash ? folder : ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	int rc = fd < 0 ? -1 : fsync(fd);
	/* Some file systems cannot sync a folder; the file itself is safe then all the same. */
	if (rc < 0 && (errno == EINVAL || errno == EROFS))
		rc = 0;
	if (fd >= 0)
		close(fd);
	free(folder);
	return rc;
}

int atomic_file_commit(struct atomic_file *file, struct error *err)
{
	int rc = 0;

	flush_buffer(file);
	CRASH_POINT("rename", file->path);
	if (file->failure == 0 && fsync(file->fd) < 0)
		file->failure = errno;
	if (file->failure == 0 && rename(file->temporary, file->path) < 0)
		file->failure = errno;
	else if (file->failure == 0 && folder_sync_for(file->path) < 0)
		file->failure = errno;
	if (file->failure) {
		rc = output_error(err, file->path, file->failure, "cannot write");
		unlink(file->temporary);
	}
	CRASH_POINT("renamed", file->path);
	dispose(file);
	return rc;
}

void atomic_file_abort(struct atomic_file *file)
{
	if (!file)
		return;
	unlink(file->temporary);
	dispose(file);
}

int atomic_file_put(const char *path, struct strv content, struct error *err)
{
	struct atomic_file *file = atomic_file_new(path, err);

	if (!file)
		return -1;
	atomic_file_writev(file, content);
	return atomic_file_commit(file, err);
}

static bool same_bytes(FILE *a, FILE *b)
{
	enum { BLOCK = 64 * 1024 };
	char *x = mem_zalloc(BLOCK), *y = mem_zalloc(BLOCK);
	size_t n, m;

	do {
		n = fread(x, 1, BLOCK, a);
		m = fread(y, 1, BLOCK, b);
	} while (n > 0 && n == m && memcmp(x, y, n) == 0);
	free(x);
	free(y);
	return n == 0 && m == 0 && !ferror(a) && !ferror(b);
}

void file_share(const char *other, const char *path)
{
	FILE *a = fopen(other, "rbe"), *b = fopen(path, "rbe");
	struct stat x, y;

	if (a && b && fstat(fileno(a), &x) == 0 && fstat(fileno(b), &y) == 0 && x.st_dev == y.st_dev &&
	    x.st_ino != y.st_ino && x.st_size == y.st_size && x.st_mode == y.st_mode && same_bytes(a, b)) {
		char *beside = mem_printf("%s.%ld.tmp", path, (long)getpid());
		if (link(other, beside) == 0 && rename(beside, path) < 0)
			unlink(beside);
		free(beside);
	}
	if (a)
		fclose(a);
	if (b)
		fclose(b);
}

int folder_make(const char *path, struct error *err)
{
	char *part = mem_strdup(path);
	int rc = 0;

	for (char *at = part + 1; rc == 0; at++) {
		char c = *at;
		if (c != '/' && c != '\0')
			continue;
		*at = '\0';
		if (mkdir(part, 0700) < 0 && errno != EEXIST)
			rc = output_error(err, path, errno, "cannot make the folder");
		*at = c;
		if (c == '\0')
			break;
	}
	free(part);
	return rc;
}

int folder_make_for(const char *file, struct error *err)
{
	char *folder = mem_strdup(file), *slash = strrchr(folder, '/');
	int rc = 0;

	if (slash && slash != folder) {
		*slash = '\0';
		rc = folder_make(folder, err);
	}
	free(folder);
	return rc;
}

char *file_read_all(const char *path, size_t max, size_t *n, struct error *err)
{
	struct stat st;
	struct strbuf content = {.max = max};
	char block[16384];
	ssize_t k = 0;
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY);

	if (fd < 0 || fstat(fd, &st) < 0) {
		error_set(err, ERR_SOURCE, "cannot read: %s", strerror(errno));
		goto fail;
	}
	if (S_ISDIR(st.st_mode)) {
		error_set(err, ERR_SOURCE, "cannot read: it is a directory");
		goto fail;
	}
	strbuf_add(&content, "", 0);
	while ((k = read(fd, block, sizeof block)) > 0 && !content.failed)
		strbuf_add(&content, block, (size_t)k);
	if (k < 0 || content.failed) {
		error_set(err, ERR_SOURCE, "cannot read: %s",
		    content.failed ? "larger than allowed" : strerror(errno));
		goto fail;
	}
	close(fd);
	*n = content.n;
	return strbuf_take(&content);
fail:
	error_place(err, path, 0, 0, NULL);
	if (fd >= 0)
		close(fd);
	strbuf_free(&content);
	return NULL;
}
