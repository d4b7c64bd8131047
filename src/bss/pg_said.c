/* What libpq says about a connection that failed, read for what it means: which of its lines says most, what
 * to advise, and whether trying again can help. Pure: text in, verdict out.
 *
 * A host name may stand for several addresses, and libpq tries them all and joins what each of them said, in
 * the order of the tries. The first line is therefore often the least telling: on a machine whose localhost
 * is ::1 first, "Connection refused" comes before the certificate that nobody trusts. */
#include <stdlib.h>
#include <string.h>

#include "bss/pg_impl.h"
#include "tenantry/mem.h"

enum { MAX_LINES = 16 };

static const char tls_hint[] =
    "check sslmode and sslrootcert in the connection text, and that the server has TLS switched on";
static const char login_hint[] = "check user and password in the connection text (bss.database)";
static const char place_hint[] =
    "check that the server runs and that host and port in the connection text (bss.database) are right";
static const char other_service_hint[] =
    "what answers there is no PostgreSQL server: check host and port in the connection text (bss.database)";
static const char standby_hint[] =
    "target_session_attrs in the connection text wants a standby: name one in host=, or leave it away";
static const char primary_hint[] =
    "writing back needs the primary: name it in host=, or set bss.write_back: false to write files instead";
static const char log_hint[] =
    "look at the database server's log, and at the pooler's where one stands between";

struct meaning {
	const char *mark; /* of an SQLSTATE its beginning, of other texts a part */
	enum pg_says says;
	enum pg_reach reach;
	const char *hint;
};

/* What a server's refusal means. The last row takes what no other took. */
static const struct meaning by_state[] = {
    {"28P01", PG_SAYS_LOGIN, PG_REFUSED, login_hint},
    {"28", PG_SAYS_LOGIN, PG_REFUSED, "check the user in the connection text, and pg_hba.conf on the server"},
    {"3D000", PG_SAYS_FATAL, PG_REFUSED, "check dbname in the connection text (bss.database)"},
    {"42501", PG_SAYS_FATAL, PG_REFUSED, "the user needs the right to connect to this database"},
    {"53300", PG_SAYS_BUSY, PG_UNREACHABLE, "the server has no free connection: try again later"},
    {"57P04", PG_SAYS_FATAL, PG_REFUSED, "check dbname in the connection text (bss.database)"},
    {"57P0", PG_SAYS_BUSY, PG_UNREACHABLE, "the server is starting or stopping: try again later"},
    {"08006", PG_SAYS_BUSY, PG_UNREACHABLE, log_hint},
    {"08001", PG_SAYS_BUSY, PG_UNREACHABLE, log_hint},
    {"", PG_SAYS_FATAL, PG_REFUSED, log_hint},
};

/* What libpq's own words mean; the first that fits. A handshake that is cut off says nothing of certificates,
 * and a service of another kind nothing of logins, though both name them. */
static const struct meaning by_words[] = {
    {"SSL SYSCALL error", PG_SAYS_BROKEN, PG_UNREACHABLE, log_hint},
    {"SSL connection has been closed", PG_SAYS_BROKEN, PG_UNREACHABLE, log_hint},
    {"expected authentication request", PG_SAYS_OTHER, PG_REFUSED, other_service_hint},
    {"invalid response to SSL negotiation", PG_SAYS_OTHER, PG_REFUSED, other_service_hint},
    {"does not match host name", PG_SAYS_CERTIFICATE, PG_REFUSED,
	"name the server in host= as its certificate does, or give it a certificate for this name"},
    {"certificate", PG_SAYS_CERTIFICATE, PG_REFUSED, tls_hint},
    {"GSSAPI", PG_SAYS_TLS, PG_REFUSED, "check gssencmode in the connection text (bss.database)"},
    {"SSL", PG_SAYS_TLS, PG_REFUSED, tls_hint},
    {"TLS", PG_SAYS_TLS, PG_REFUSED, tls_hint},
    {"password", PG_SAYS_LOGIN, PG_REFUSED, login_hint},
    {"authentication", PG_SAYS_LOGIN, PG_REFUSED, login_hint},
    {"not in hot standby", PG_SAYS_SESSION, PG_REFUSED, standby_hint},
    {"not in recovery", PG_SAYS_SESSION, PG_REFUSED, standby_hint},
    {"not read-only", PG_SAYS_SESSION, PG_REFUSED, standby_hint},
    {"read-only", PG_SAYS_SESSION, PG_REFUSED, primary_hint},
    {"hot standby", PG_SAYS_SESSION, PG_REFUSED, primary_hint},
    {"closed the connection", PG_SAYS_BROKEN, PG_UNREACHABLE, log_hint},
    {"reset by peer", PG_SAYS_BROKEN, PG_UNREACHABLE, log_hint},
    {"connect_timeout", PG_SAYS_TIMEOUT, PG_UNREACHABLE, place_hint},
    {"imeout", PG_SAYS_TIMEOUT, PG_UNREACHABLE, place_hint},
    {"timed out", PG_SAYS_TIMEOUT, PG_UNREACHABLE, place_hint},
    {"translate host name", PG_SAYS_NO_WAY, PG_UNREACHABLE, place_hint},
    {"No route", PG_SAYS_NO_WAY, PG_UNREACHABLE, place_hint},
    {"unreachable", PG_SAYS_NO_WAY, PG_UNREACHABLE, place_hint},
    {"refused", PG_SAYS_NOBODY, PG_UNREACHABLE, place_hint},
    {"No such file", PG_SAYS_NOBODY, PG_UNREACHABLE, place_hint},
    {"", PG_SAYS_OTHER, PG_UNREACHABLE, place_hint},
};

/* One try of libpq's: what was said, and where, "" when no address is named. */
struct line {
	const struct meaning *meaning;
	char sqlstate[6], address[64], text[PG_SAID_SIZE / 2];
};

/* "...: FATAL:  28P01: password authentication failed": the code stands between two blanks and a colon,
 * whatever the language. Gives what follows, or NULL when there is none. */
static const char *find_sqlstate(const char *text, const char *end, char out[6])
{
	for (const char *p = strstr(text, ":  "); p && p < end; p = strstr(p + 1, ":  "))
		if (strspn(p + 3, "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ") == 5 &&
		    strncmp(p + 8, ": ", 2) == 0) {
			memcpy(out, p + 3, 5);
			out[5] = '\0';
			return p + 10;
		}
	out[0] = '\0';
	return NULL;
}

static bool begins(const char *text, const char *with)
{
	return strncmp(text, with, strlen(with)) == 0;
}

/* Does a try of its own begin here? Else the line explains the one before it ("Is the server running ...",
 * LOCATION: ...). */
static bool begins_try(const char *line)
{
	return begins(line, "connection to server ") || begins(line, "could not translate ") ||
	       begins(line, PG_NO_ANSWER);
}

/* Takes `connection to server at "localhost" (::1), port 5432 failed: ` off, for the place is named by us;
 * keeps the address, which only libpq knows. */
static const char *without_address(const char *line, const char *end, struct line *out)
{
	const char *failed = strstr(line, " failed: "), *open = strstr(line, " ("), *close;

	if (!begins(line, "connection to server ") || !failed || failed >= end)
		return line;
	if (open && open < failed && (close = strchr(open, ')')) != NULL && close < failed)
		snprintf(out->address, sizeof out->address, "%.*s", (int)(close - open - 2), open + 2);
	return failed + strlen(" failed: ");
}

static const struct meaning *meaning_of(const struct line *line)
{
	const struct meaning *m = line->sqlstate[0] ? by_state : by_words;

	while (line->sqlstate[0] ? !begins(line->sqlstate, m->mark) : !strstr(line->text, m->mark))
		m++;
	return m;
}

static void read_line(const char *text, struct line *out)
{
	const char *end = text + strcspn(text, "\n");

	*out = (struct line){0};
	const char *words = without_address(text, end, out), *after = find_sqlstate(text, end, out->sqlstate);
	pg_one_line(after ? after : words, out->text, sizeof out->text);
	out->meaning = meaning_of(out);
}

static size_t read_lines(const char *message, struct line *lines)
{
	size_t n = 0;

	while (*message && n < MAX_LINES) {
		if (n == 0 || begins_try(message))
			read_line(message, &lines[n++]);
		message += strcspn(message, "\n");
		message += *message == '\n';
	}
	return n;
}

/* The words of the line that says most, and after them what other addresses said that is not the same. */
static void join(const struct line *lines, size_t n, const struct line *best, struct pg_said *out)
{
	struct strbuf text = {0};

	strbuf_adds(&text, best->text);
	if (n > 1 && best->address[0])
		strbuf_addf(&text, " (%s)", best->address);
	for (size_t i = 0; i < n; i++) {
		bool said = false;
		for (size_t k = 0; k < i && !said; k++)
			said = strcmp(lines[k].text, lines[i].text) == 0;
		if (!said && strcmp(lines[i].text, best->text) != 0)
			strbuf_addf(&text, "; %s%s%s", lines[i].address, lines[i].address[0] ? ": " : "",
			    lines[i].text);
	}
	if (text.n > 0)
		snprintf(out->text, sizeof out->text, "%.*s", (int)(sizeof out->text - 1), text.p);
	strbuf_free(&text);
}

void pg_said_read(const char *message, struct pg_said *out)
{
	struct line *lines = mem_zalloc(MAX_LINES * sizeof *lines), *best = lines;
	size_t n = read_lines(message, lines);

	*out = (struct pg_said){.says = PG_SAYS_NOTHING,
	    .reach = PG_UNREACHABLE,
	    .hint = place_hint,
	    .text = "no reason was given"};
	for (size_t i = 1; i < n; i++)
		if (lines[i].meaning->says > best->meaning->says)
			best = &lines[i];
	if (n > 0) {
		out->says = best->meaning->says;
		out->reach = best->meaning->reach;
		out->hint = best->meaning->hint;
		join(lines, n, best, out);
	}
	free(lines);
}
