/* Secrets: where they may come from, what is refused, and that they are masked. */
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>
#include <cmocka.h>

#include "tenantry/job.h"
#include "tenantry/log.h"

static char folder[] = "/tmp/tenantry-secret-XXXXXX";
static char path[64];

static void put(const char *text, size_t n, mode_t mode)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0600);

	assert_true(fd >= 0);
	assert_int_equal(write(fd, text, n), (ssize_t)n);
	assert_int_equal(fchmod(fd, mode), 0);
	close(fd);
}

static void refused(enum secret_kind kind, const char *name, const char *part, const char *hint)
{
	struct secret secret = {.kind = kind, .name = name};
	struct error err = {0};

	assert_null(secret_read(&secret, "acronis.client_secret", &err));
	assert_int_equal(err.code, ERR_JOB);
	assert_non_null(strstr(err.text, "acronis.client_secret"));
	assert_non_null(strstr(err.text, part));
	assert_non_null(strstr(err.hint, hint));
}

static void read_as(enum secret_kind kind, const char *name, const char *wanted)
{
	struct secret secret = {.kind = kind, .name = name};
	struct error err = {0};
	char *value = secret_read(&secret, "x", &err), line[64];

	if (!value)
		error_print(&err, stderr, true);
	assert_non_null(value);
	assert_string_equal(value, wanted);
	snprintf(line, sizeof line, "token %s end", value);
	secret_free(value);
	log_mask(line);
	assert_string_equal(line, "token **** end");
}

static void test_environment(void **state)
{
	(void)state;
	unsetenv("TENANTRY_TEST_SECRET");
	refused(SECRET_ENV, "TENANTRY_TEST_SECRET", "TENANTRY_TEST_SECRET is not set", "cron");
	setenv("TENANTRY_TEST_SECRET", "", 1);
	refused(SECRET_ENV, "TENANTRY_TEST_SECRET", "empty", "");
	setenv("TENANTRY_TEST_SECRET", "env-value-1", 1);
	read_as(SECRET_ENV, "TENANTRY_TEST_SECRET", "env-value-1");
}

static void test_file(void **state)
{
	static char large[20000];

	(void)state;
	put("file-value\n", 11, 0600);
	read_as(SECRET_FILE, path, "file-value");
	put("crlf-value\r\n", 12, 0400);
	read_as(SECRET_FILE, path, "crlf-value");
	put("file-value", 10, 0640);
	refused(SECRET_FILE, path, "others can read", "chmod 600 ");
	put("file-value", 10, 0604);
	refused(SECRET_FILE, path, "others can read", path);
	put("", 0, 0600);
	refused(SECRET_FILE, path, "empty", "");
	put("\n", 1, 0600);
	refused(SECRET_FILE, path, "empty", "");
	put("two\nlines\n", 10, 0600);
	refused(SECRET_FILE, path, "line break", "");
	put("nul\0byte", 8, 0600);
	refused(SECRET_FILE, path, "NUL", "");
	put(memset(large, 'x', sizeof large), sizeof large, 0600);
	refused(SECRET_FILE, path, "too large", "");
	refused(SECRET_FILE, folder, "not a regular file", "");
	unlink(path);
	refused(SECRET_FILE, path, "No such file", "");
	assert_int_equal(mkfifo(path, 0600), 0);
	refused(SECRET_FILE, path, "not a regular file", "");
	unlink(path);
}

static void test_credential(void **state)
{
	(void)state;
	unsetenv("CREDENTIALS_DIRECTORY");
	refused(SECRET_CREDENTIAL, "value", "no systemd credentials", "LoadCredential=value:");
	setenv("CREDENTIALS_DIRECTORY", folder, 1);
	refused(SECRET_CREDENTIAL, "value", "No such file", "LoadCredential=value:");
	put("credential-1\n", 13, 0440); /* systemd guards the folder */
	read_as(SECRET_CREDENTIAL, "value", "credential-1");
	unlink(path);
	unsetenv("CREDENTIALS_DIRECTORY");
}

static void test_none(void **state)
{
	(void)state;
	refused(SECRET_NONE, NULL, "is not given", "");
	secret_free(NULL);
}

static int setup(void **state)
{
	(void)state;
	if (!mkdtemp(folder))
		return -1;
	snprintf(path, sizeof path, "%s/value", folder);
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	unlink(path);
	return rmdir(folder);
}

int main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(test_environment), cmocka_unit_test(test_file),
	    cmocka_unit_test(test_credential), cmocka_unit_test(test_none)};

	return cmocka_run_group_tests_name("secret", tests, setup, teardown);
}
