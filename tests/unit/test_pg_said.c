/* Of what libpq joined about one host, the line that says most decides, wherever it stands; what else was
 * said comes after it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <string.h>

#include "bss/pg_impl.h"
#include "tenantry/mem.h"

#define AT_SIX "connection to server at \"localhost\" (::1), port 5432 failed: "
#define AT_FOUR "connection to server at \"localhost\" (127.0.0.1), port 5432 failed: "
#define NOBODY "Connection refused\n\tIs the server running on that host and accepting TCP/IP connections?\n"
#define UNTRUSTED "SSL error: certificate verify failed\n"
#define WRONG_PASSWORD                                                                                       \
	"FATAL:  28P01: password authentication failed for user \"tenantry\"\nLOCATION:  auth_failed, auth.c:338\n"

static void reads(
    const char *message, enum pg_says says, enum pg_reach reach, const char *text, const char *hint)
{
	struct pg_said said;

	pg_said_read(message, &said);
	assert_string_equal(said.text, text);
	assert_int_equal(said.says, says);
	assert_int_equal(said.reach, reach);
	if (!strstr(said.hint, hint))
		fail_msg("%s: the hint is \"%s\"", message, said.hint);
}

static void test_one_line(void **state)
{
	(void)state;
	reads(AT_FOUR NOBODY, PG_SAYS_NOBODY, PG_UNREACHABLE, "Connection refused", "host and port");
	reads(AT_FOUR UNTRUSTED, PG_SAYS_CERTIFICATE, PG_REFUSED, "SSL error: certificate verify failed",
	    "sslrootcert");
	reads(AT_FOUR WRONG_PASSWORD, PG_SAYS_LOGIN, PG_REFUSED,
	    "password authentication failed for user \"tenantry\"", "user and password");
	reads("", PG_SAYS_NOTHING, PG_UNREACHABLE, "no reason was given", "host and port");
	reads(PG_NO_ANSWER, PG_SAYS_TIMEOUT, PG_UNREACHABLE, PG_NO_ANSWER, "host and port");
	reads("connection to server on socket \"/run/x/.s.PGSQL.1\" failed: No such file or directory\n"
	      "\tIs the server running locally and accepting connections on that socket?\n",
	    PG_SAYS_NOBODY, PG_UNREACHABLE, "No such file or directory", "host and port");
	reads("could not translate host name \"db.example.com\" to address: Name or service not known\n",
	    PG_SAYS_NO_WAY, PG_UNREACHABLE,
	    "could not translate host name \"db.example.com\" to address: Name or service not known", "host");
}

/* Each pair in both orders: what decides never depends on which address was tried first. */
static void test_the_most_telling_decides(void **state)
{
	static const struct {
		const char *more, *more_text, *less, *less_text;
		enum pg_says says;
		const char *hint;
	} pairs[] = {
	    {UNTRUSTED, "SSL error: certificate verify failed", NOBODY, "Connection refused",
		PG_SAYS_CERTIFICATE, "sslrootcert"},
	    {UNTRUSTED, "SSL error: certificate verify failed", WRONG_PASSWORD,
		"password authentication failed for user \"tenantry\"", PG_SAYS_CERTIFICATE, "sslrootcert"},
	    {"server certificate for \"db\" does not match host name \"localhost\"\n",
		"server certificate for \"db\" does not match host name \"localhost\"", NOBODY,
		"Connection refused", PG_SAYS_CERTIFICATE, "as its certificate does"},
	    {"server does not support SSL, but SSL was required\n",
		"server does not support SSL, but SSL was required", NOBODY, "Connection refused",
		PG_SAYS_TLS, "sslmode"},
	    {WRONG_PASSWORD, "password authentication failed for user \"tenantry\"", NOBODY,
		"Connection refused", PG_SAYS_LOGIN, "user and password"},
	    {WRONG_PASSWORD, "password authentication failed for user \"tenantry\"",
		"FATAL:  57P03: the database system is starting up\n", "the database system is starting up",
		PG_SAYS_LOGIN, "user and password"},
	    {"FATAL:  28000: no pg_hba.conf entry for host \"::1\"\n",
		"no pg_hba.conf entry for host \"::1\"", NOBODY, "Connection refused", PG_SAYS_LOGIN,
		"pg_hba.conf"},
	    {"session is read-only\n", "session is read-only",
		"FATAL:  57P03: the database system is starting up\n", "the database system is starting up",
		PG_SAYS_SESSION, "primary"},
	    {"server is not in hot standby mode\n", "server is not in hot standby mode", NOBODY,
		"Connection refused", PG_SAYS_SESSION, "standby"},
	    {"FATAL:  3D000: database \"nowhere\" does not exist\n", "database \"nowhere\" does not exist",
		"FATAL:  53300: sorry, too many clients already\n", "sorry, too many clients already",
		PG_SAYS_FATAL, "dbname"},
	    {"FATAL:  53300: sorry, too many clients already\n", "sorry, too many clients already",
		"timeout expired\n", "timeout expired", PG_SAYS_BUSY, "no free connection"},
	    {"expected authentication request from server, but received H\n",
		"expected authentication request from server, but received H", NOBODY, "Connection refused",
		PG_SAYS_OTHER, "no PostgreSQL server"},
	    {"SSL SYSCALL error: Connection reset by peer\n", "SSL SYSCALL error: Connection reset by peer",
		"Connection timed out\n\tIs the server running on that host?\n", "Connection timed out",
		PG_SAYS_BROKEN, "log"},
	    {"Connection timed out\n\tIs the server running on that host?\n", "Connection timed out", NOBODY,
		"Connection refused", PG_SAYS_TIMEOUT, "host and port"},
	    {"No route to host\n", "No route to host", NOBODY, "Connection refused", PG_SAYS_NO_WAY,
		"host and port"},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(pairs); i++)
		for (int first = 0; first < 2; first++) {
			char message[600], text[600];
			snprintf(message, sizeof message, AT_SIX "%s" AT_FOUR "%s",
			    first == 0 ? pairs[i].more : pairs[i].less,
			    first == 0 ? pairs[i].less : pairs[i].more);
			snprintf(text, sizeof text, "%s (%s); %s: %s", pairs[i].more_text,
			    first == 0 ? "::1" : "127.0.0.1", first == 0 ? "127.0.0.1" : "::1",
			    pairs[i].less_text);
			bool later = pairs[i].says == PG_SAYS_BUSY || pairs[i].says == PG_SAYS_BROKEN ||
				     pairs[i].says == PG_SAYS_TIMEOUT || pairs[i].says == PG_SAYS_NO_WAY;
			reads(
			    message, pairs[i].says, later ? PG_UNREACHABLE : PG_REFUSED, text, pairs[i].hint);
		}
}

/* The same words from two addresses are one; an address that never answered is told beside what the other
 * said; lines that only explain are no tries. */
static void test_what_is_kept_beside_it(void **state)
{
	(void)state;
	reads(AT_SIX NOBODY AT_FOUR NOBODY, PG_SAYS_NOBODY, PG_UNREACHABLE, "Connection refused (::1)",
	    "host and port");
	reads(AT_SIX UNTRUSTED PG_NO_ANSWER, PG_SAYS_CERTIFICATE, PG_REFUSED,
	    "SSL error: certificate verify failed (::1); " PG_NO_ANSWER, "sslrootcert");
	reads(AT_FOUR
	    "root certificate file \"/x.pem\" does not exist\nEither provide the file, use the system's "
	    "trusted roots with sslrootcert=system, or change sslmode to disable server certificate verification.\n",
	    PG_SAYS_CERTIFICATE, PG_REFUSED, "root certificate file \"/x.pem\" does not exist",
	    "sslrootcert");
	/* sslmode=prefer asks the same address twice. */
	reads(
	    "connection to server at \"127.0.0.1\", port 5432 failed: FATAL:  28000: no pg_hba.conf entry, SSL "
	    "encryption\nLOCATION:  ClientAuthentication, auth.c:543\nconnection to server at \"127.0.0.1\", port 5432 "
	    "failed: FATAL:  28000: no pg_hba.conf entry, no encryption\n",
	    PG_SAYS_LOGIN, PG_REFUSED,
	    "no pg_hba.conf entry, SSL encryption; no pg_hba.conf entry, no encryption", "pg_hba.conf");
}

/* Twenty addresses, long lines, marks without an end: never more than fits, and the best is in it. */
static void test_bounds(void **state)
{
	struct strbuf message = {0};
	struct pg_said said;

	(void)state;
	for (int i = 0; i < 15; i++)
		strbuf_addf(&message,
		    "connection to server at \"db\" (10.0.0.%d), port 5432 failed: %d: nothing at all %0*d\n",
		    i, i, 300, i);
	strbuf_adds(&message, AT_FOUR UNTRUSTED);
	pg_said_read(message.p, &said);
	assert_int_equal(said.says, PG_SAYS_CERTIFICATE);
	assert_memory_equal(said.text, "SSL error: certificate verify failed (127.0.0.1); 10.0.0.0: ", 58);
	assert_int_equal(strlen(said.text), sizeof said.text - 1);
	strbuf_free(&message);
	pg_said_read("connection to server at \"x\" (", &said);
	pg_said_read("connection to server at \"x\" failed: ", &said);
	pg_said_read("\n\n\n", &said);
	pg_said_read(":  28P01", &said);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_one_line),
	    cmocka_unit_test(test_the_most_telling_decides),
	    cmocka_unit_test(test_what_is_kept_beside_it),
	    cmocka_unit_test(test_bounds),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
