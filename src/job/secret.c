/* Secrets: read where they are kept, marked for masking, wiped when done; see job.h. */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "tenantry/job.h"
#include "tenantry/log.h"
#include "tenantry/mem.h"

enum { SECRET_MAX = 16 * 1024 };

static int unreadable(const char *what, const char *path, const char *why, struct error *err)
{
	error_set(err, ERR_JOB, "%s: cannot read %s: %s", what, path, why);
	return -1;
}

/* Reads the whole file into `out` (SECRET_MAX + 1 bytes). The descriptor is checked, not the path, so that
 * the file that was judged is the file that is read. */
static int read_file(const char *path, bool private, const char *what, char *out, struct error *err)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
	struct stat st;
	size_t n = 0;
	ssize_t k = 1;
	int rc = -1;

	if (fd < 0 || fstat(fd, &st) < 0) {
		unreadable(what, path, strerror(errno), err);
	} else if (!S_ISREG(st.st_mode)) {
		unreadable(what, path, "it is not a regular file", err);
	} else if (private && (st.st_mode & 077)) {
		error_set(err, ERR_JOB, "%s: others can read %s", what, path);
		error_hint(err, "chmod 600 %s", path);
	} else {
		while (n < SECRET_MAX && (k = read(fd, out + n, SECRET_MAX - n)) > 0)
			n += (size_t)k;
		if (k < 0 || n == SECRET_MAX)
			unreadable(what, path, k < 0 ? strerror(errno) : "it is too large for a secret", err);
		else
			rc = 0;
		out[n] = '\0';
		if (rc == 0 && strlen(out) != n)
			rc = unreadable(what, path, "it holds a NUL byte", err);
	}
	if (fd >= 0)
		close(fd);
	return rc;
}

static int read_variable(const char *name, const char *what, char *out, struct error *err)
{
	const char *value = getenv(name);

	if (value && strlen(value) < SECRET_MAX) {
		memcpy(out, value, strlen(value) + 1);
		return 0;
	}
	if (value)
		return error_set(err, ERR_JOB, "%s: the environment variable %s is too long", what, name);
	error_set(err, ERR_JOB, "%s: the environment variable %s is not set", what, name);
	return error_hint(err,
	    "cron and systemd start with an almost empty environment: set %s there, or use {file: PATH}",
	    name);
}

static int read_credential(const char *name, const char *what, char *out, struct error *err)
{
	const char *folder = getenv("CREDENTIALS_DIRECTORY");

	if (!folder || !folder[0]) {
		error_set(err, ERR_JOB, "%s: there are no systemd credentials here", what);
		return error_hint(
		    err, "run it as a service with LoadCredential=%s:PATH, or use {file: PATH}", name);
	}
	char *path = mem_printf("%s/%s", folder, name);
	int rc = read_file(path, false, what, out, err);
	if (rc < 0)
		error_hint(err, "the service needs LoadCredential=%s:PATH", name);
	free(path);
	return rc;
}

/* One line break at the end belongs to the editor; any other control character would end up inside a request.
 */
static int check_value(char *value, const char *what, struct error *err)
{
	size_t n = strlen(value);

	if (n > 0 && value[n - 1] == '\n')
		value[--n] = '\0';
	if (n > 0 && value[n - 1] == '\r')
		value[--n] = '\0';
	if (n == 0)
		return error_set(err, ERR_JOB, "%s: the secret is empty", what);
	for (size_t i = 0; i < n; i++)
		if ((unsigned char)value[i] < ' ' || value[i] == 0x7f)
			return error_set(err, ERR_JOB,
			    "%s: the secret holds a line break or another control character", what);
	return 0;
}

char *secret_read(const struct secret *secret, const char *what, struct error *err)
{
	char *buffer = mem_zalloc(SECRET_MAX + 1), *value = NULL;
	int rc = -1;

	switch (secret->kind) {
	case SECRET_NONE:
		error_set(err, ERR_JOB, "%s is not given", what);
		break;
	case SECRET_ENV:
		rc = read_variable(secret->name, what, buffer, err);
		break;
	case SECRET_FILE:
		rc = read_file(secret->name, true, what, buffer, err);
		break;
	case SECRET_CREDENTIAL:
		rc = read_credential(secret->name, what, buffer, err);
		break;
	}
	if (rc == 0 && check_value(buffer, what, err) == 0) {
		value = mem_strdup(buffer);
		log_secret(value);
	}
	explicit_bzero(buffer, SECRET_MAX + 1);
	free(buffer);
	return value;
}

/* The log goes on masking it: the HTTP client still has a copy of its own, and errors may quote what a server
 * sent back. */
void secret_free(char *value)
{
	if (!value)
		return;
	explicit_bzero(value, strlen(value));
	free(value);
}
