/* Signing a run and taking a signature back; see sign.h. Everything that stands against signing is looked for
 * first and told together. The ledger has the signature and its manifest before the file appears: what a
 * crash leaves between the two, the next `sign` puts right. */
#include "tenantry/sign.h"

#include <inttypes.h>
#include <locale.h>
#include <stdlib.h>
#include <unistd.h>
#include <wchar.h>
#include <wctype.h>

#include "job/run_impl.h"
#include "tenantry/atomic_file.h"
#include "tenantry/audit.h"
#include "tenantry/mem.h"
#include "tenantry/sha256.h"

enum { NAME_MAX_BYTES = 128, REASONS_MAX = 100 };

const char *sign_role_name(enum sign_role role)
{
	return role == SIGN_PREPARER ? "preparer" : "reviewer";
}

const char *sign_state(const struct run_signatures *signatures)
{
	if (signatures->by[SIGN_REVIEWER])
		return "signed";
	return signatures->by[SIGN_PREPARER] ? "prepared" : "";
}

static struct run_signatures standing_of(const struct signature_record *rows, size_t count)
{
	struct run_signatures standing = {0};

	for (size_t i = 0; i < count; i++)
		for (int role = 0; role < SIGN_ROLE_COUNT; role++)
			if (rows[i].withdrawn_at == 0 &&
			    strcmp(rows[i].role, sign_role_name((enum sign_role)role)) == 0)
				standing.by[role] = &rows[i];
	return standing;
}

int sign_standing(struct ledger *ledger, const char *run_id, struct arena *arena, struct run_signatures *out,
    struct error *err)
{
	struct signature_record *rows;
	size_t count;

	*out = (struct run_signatures){0};
	if (ledger_signatures(ledger, run_id, arena, &rows, &count, err) < 0)
		return -1;
	*out = standing_of(rows, count);
	return 0;
}

/* ---- Names. */

/* Letters in lower case and nothing else but what is no white space. A byte that is no UTF-8 stays as it is.
 */
static void fold(const char *name, struct strbuf *out)
{
	locale_t utf8 = newlocale(LC_CTYPE_MASK, "C.UTF-8", (locale_t)0),
		 before = utf8 ? uselocale(utf8) : (locale_t)0;
	size_t left = strlen(name);
	mbstate_t state = {0};

	while (left > 0) {
		wchar_t c;
		size_t n = mbrtowc(&c, name, left, &state);
		if (n == (size_t)-1 || n == (size_t)-2 || n == 0) {
			c = (unsigned char)*name;
			n = 1;
			state = (mbstate_t){0};
		}
		if (!iswspace((wint_t)c) && c != 0xa0 && c != 0x202f && c != 0x2007)
			strbuf_addf(out, "%x.", (unsigned)towlower((wint_t)c));
		name += n;
		left -= n;
	}
	if (utf8) {
		uselocale(before);
		freelocale(utf8);
	}
}

bool sign_same_name(const char *a, const char *b)
{
	struct strbuf x = {0}, y = {0};

	fold(a, &x);
	fold(b, &y);
	bool same = strv_eq(strbuf_view(&x), strbuf_view(&y));
	strbuf_free(&x);
	strbuf_free(&y);
	return same;
}

static int check_name(const char *name, struct error *err)
{
	struct strv text = strv_trim(strv_of(name));

	for (size_t i = 0; i < text.n; i++)
		if ((unsigned char)text.p[i] < ' ' || text.p[i] == 0x7f)
			return error_set(err, ERR_USAGE, "the name has a control character in it");
	if (text.n < 2 || text.n > NAME_MAX_BYTES || strv_bad_utf8(text) >= 0) {
		error_set(err, ERR_USAGE, "\"%.*s\" is no name of a person", STRV_ARG(text));
		return error_hint(err, "the full name of who signs, 2 to %d bytes of UTF-8", NAME_MAX_BYTES);
	}
	return 0;
}

static const char *trimmed(struct arena *arena, const char *name)
{
	struct strv text = strv_trim(strv_of(name));

	return arena_strndup(arena, text.p, text.n);
}

/* ---- At work. */

struct signer {
	const struct signing *signing;
	struct clock *clock;
	struct arena *arena;
	struct ledger *ledger;
	struct signed_run *out;
	struct run_record run;
	struct signature_record *all; /* withdrawn ones too */
	size_t all_count;
	struct run_signatures standing;
	char login[WHO_SIZE];
	const char *name; /* trimmed */
	struct error *err;
};

static void add_reason(void *user, const char *text)
{
	struct signed_run *out = ((struct signer *)user)->out;

	if (out->reason_count == REASONS_MAX)
		text = "and more";
	if (out->reason_count > REASONS_MAX)
		return;
	if (out->reason_count == out->reason_cap) {
		size_t cap = out->reason_cap ? out->reason_cap * 2 : 8;
		const char **grown = arena_alloc(((struct signer *)user)->arena, cap * sizeof *grown);
		if (out->reason_count > 0)
			memcpy(grown, out->reasons, out->reason_count * sizeof *grown);
		out->reasons = grown;
		out->reason_cap = cap;
	}
	out->reasons[out->reason_count++] = arena_strdup(((struct signer *)user)->arena, text);
}

__attribute__((format(printf, 2, 3))) static void refuse(struct signer *s, const char *format, ...)
{
	char text[800];
	va_list args;

	va_start(args, format);
	vsnprintf(text, sizeof text, format, args);
	va_end(args);
	add_reason(s, text);
}

static void refuse_problem(void *user, const char *file, const char *text)
{
	refuse(user, "%s%s%s", file, file[0] ? ": " : "", text);
}

/* ---- What a run must be like. */

static void check_compared(struct signer *s, const struct report *r)
{
	const struct coverage *c = &r->coverage;
	uint64_t subscriptions = c->subscriptions - c->subscriptions_examined,
		 tenants = c->tenants - c->tenants_examined;

	if (!r->has_reconcile) {
		refuse(s, "it compared nothing (%s): only a run that reconciles can be signed", r->command);
		return;
	}
	if (r->in_part)
		refuse(s,
		    "it was compared in part only (under reconcile.min_coverage, or a list lacked a tenant that we made): mend the source and compare again");
	if (subscriptions + tenants > 0)
		refuse(s,
		    "%" PRIu64 " subscription(s) and %" PRIu64
		    " tenant(s) were not compared: mend what not-compared names, and compare again",
		    subscriptions, tenants);
	if (r->by_code[FINDING_NOT_COMPARED] > 0)
		refuse(s, "%" PRIu64 " finding(s) not-compared: what could not be compared is no match",
		    r->by_code[FINDING_NOT_COMPARED]);
	if (c->logins_unread > 0)
		refuse(s, "%" PRIu64 " login(s) could not be read: compare again", c->logins_unread);
}

static void check_end(struct signer *s, const struct report *r)
{
	if (r->dry_run)
		refuse(s, "it was a dry run");
	if (r->exit_status > 1)
		refuse(s, "it did not come to a good end (exit status %d): %s", r->exit_status, r->verdict);
}

/* What audit, ledger and files say of each other; -1 when that cannot be read. */
static int check_audit(struct signer *s, bool needed)
{
	struct audit_result result;

	if (audit_verify(s->ledger, &s->run, s->arena, &result, s->err) < 0)
		return -1;
	for (size_t i = 0; i < result.count; i++)
		refuse_problem(s, result.problems[i].file, result.problems[i].text);
	if (needed && result.count == 0 && result.lines == 0)
		refuse(s, "its audit cannot be compared: %s", result.note);
	return 0;
}

static void check_record(struct signer *s)
{
	char *path = mem_printf("%s/run.json", s->run.folder), is[SHA256_TEXT_SIZE], wanted[SHA256_TEXT_SIZE];
	struct error unreadable = {0};
	int there = sha256_file(path, is, &unreadable);

	sha256_text(strv_of(s->run.document), wanted);
	if (there != 1)
		refuse(s, "%s %s", path, there == 0 ? "is missing" : unreadable.text);
	else if (strcmp(is, wanted) != 0)
		refuse(s, "%s is not what the ledger keeps of the run", path);
	free(path);
}

/* The content to be signed; NULL without an error: there are reasons against it. */
static json_t *look_at_run(struct signer *s)
{
	struct error unreadable = {0};
	struct report *report = s->run.document[0] ? report_from_json(s->run.document, &unreadable) : NULL;
	json_t *content = NULL;

	if (!report) {
		refuse(s,
		    s->run.document[0] ? "its record cannot be read, or its counts do not close: %s"
				       : "it did not come to its end, so it has no record%s",
		    unreadable.text);
		return NULL;
	}
	check_compared(s, report);
	check_end(s, report);
	/* What compares a past day changes nothing and has no audit: its record must be the ledger's. */
	if (report->as_of.day[0])
		check_record(s);
	if (check_audit(s, !report->as_of.day[0]) == 0)
		content = manifest_make(s->ledger, &s->run, report, clock_wall_ms(s->clock), &s->out->open,
		    add_reason, s, s->err);
	report_free(report);
	return content;
}

/* ---- The signature. */

static char *path_of(const struct signer *s)
{
	return mem_printf("%s/%s", s->run.folder, MANIFEST_NAME);
}

static int write_manifest(const struct signer *s, const char *document)
{
	char *path = path_of(s);
	int rc = atomic_file_put(path, strv_of(document), s->err);

	if (rc < 0)
		error_hint(
		    s->err, "the ledger has the signature; give the same command again to write the file");
	free(path);
	return rc;
}

/* Adds the signature to the content, and gives the text that is signed. The caller frees. */
static char *signed_text(const struct signer *s, json_t *content, int64_t now)
{
	json_t *list = json_object_get(content, "signatures");

	if (!list) {
		list = json_array();
		json_object_set_new(content, "signatures", list);
	}
	json_array_append_new(
	    list, manifest_signature(sign_role_name(s->signing->role), s->name, s->login, now));
	char *text = json_dumps(content, JSON_INDENT(2) | JSON_PRESERVE_ORDER);
	char *document = mem_printf("%s\n", text);
	free(text);
	return document;
}

static int put_signature(struct signer *s, json_t *content)
{
	int64_t now = clock_wall_ms(s->clock);
	char digest[SHA256_TEXT_SIZE], *document = signed_text(s, content, now);
	struct signature_record record = {.run_id = s->run.run_id,
	    .role = sign_role_name(s->signing->role),
	    .name = s->name,
	    .login = s->login,
	    .manifest = sha256_text(strv_of(document), digest),
	    .document = document,
	    .signed_at = now};
	int rc = ledger_signature_put(s->ledger, &record, s->err);

	if (rc == 0)
		rc = ledger_commit(s->ledger, s->err);
	if (rc == 0)
		rc = write_manifest(s, document);
	s->out->manifest = arena_strdup(s->arena, digest);
	s->out->files = json_object_size(json_object_get(content, "files"));
	free(document);
	return rc;
}

/* A crash between ledger and file left another manifest of this run, or none: what the ledger says is put
 * back. Anything else there is not ours, and stays for `verify` to name. */
static int put_right(struct signer *s, const struct signature_record *last)
{
	char *path = path_of(s), digest[SHA256_TEXT_SIZE];
	int there = sha256_file(path, digest, s->err), rc = there < 0 ? -1 : 0;
	bool ours = false;

	for (size_t i = 0; there == 1 && i < s->all_count; i++)
		ours |= strcmp(digest, s->all[i].manifest) == 0;
	if (there == 1 && ours && !last)
		unlink(path);
	else if (last && (there == 0 || (ours && strcmp(digest, last->manifest) != 0)))
		rc = write_manifest(s, last->document);
	free(path);
	return rc;
}

static int name_whose(struct signer *s, const struct signature_record *other)
{
	error_set(s->err, ERR_USAGE, "%s has signed run %s as %s", other->name, s->run.run_id, other->role);
	return error_hint(s->err, "tenantry sign %s --%s '%s' --withdraw --reason TEXT takes it back",
	    s->run.run_id, other->role, other->name);
}

static int sign_as_preparer(struct signer *s)
{
	json_t *content = look_at_run(s);
	int rc = s->err->code == ERR_NONE ? 0 : -1;

	if (content && s->out->reason_count == 0)
		rc = put_signature(s, content);
	json_decref(content);
	return rc;
}

/* What the preparer froze, if it still is so. */
static int sign_as_reviewer(struct signer *s)
{
	const struct signature_record *preparer = s->standing.by[SIGN_PREPARER];

	if (!preparer) {
		error_set(s->err, ERR_USAGE, "nobody has prepared run %s: the reviewer signs second",
		    s->run.run_id);
		return error_hint(s->err, "tenantry sign %s --preparer NAME comes first", s->run.run_id);
	}
	if (sign_same_name(preparer->name, s->name)) {
		error_set(s->err, ERR_USAGE, "%s prepared run %s: the reviewer must be another person",
		    preparer->name, s->run.run_id);
		return error_hint(s->err, "four eyes: have somebody else look at the report and sign");
	}
	if (check_audit(s, false) < 0)
		return -1;
	if (s->out->reason_count > 0)
		return 0;
	json_t *content = json_loads(preparer->document, JSON_REJECT_DUPLICATES, NULL);
	int rc = content ? put_signature(s, content)
			 : error_set(s->err, ERR_LEDGER, "the manifest that %s signed cannot be read",
			       preparer->name);
	s->out->open =
	    (size_t)json_integer_value(json_object_get(json_object_get(content, "findings"), "open"));
	s->out->same_login = strcmp(preparer->login, s->login) == 0;
	json_decref(content);
	return rc;
}

static int sign(struct signer *s)
{
	const struct signature_record *standing = s->standing.by[s->signing->role],
				      *last = s->standing.by[SIGN_REVIEWER] ? s->standing.by[SIGN_REVIEWER]
									    : s->standing.by[SIGN_PREPARER];

	if (put_right(s, last) < 0)
		return -1;
	if (standing && !sign_same_name(standing->name, s->name))
		return name_whose(s, standing);
	if (standing) {
		s->out->already = true;
		s->out->manifest = standing->manifest;
		return 0;
	}
	return s->signing->role == SIGN_PREPARER ? sign_as_preparer(s) : sign_as_reviewer(s);
}

/* ---- Taking it back: the reviewer's stands on the preparer's, so it goes with it. */

static int withdraw(struct signer *s)
{
	const struct signature_record *preparer = s->standing.by[SIGN_PREPARER],
				      *mine = s->standing.by[s->signing->role];
	bool all = s->signing->role == SIGN_PREPARER;

	if (!mine) {
		error_set(s->err, ERR_USAGE, "nobody's signature as %s stands in run %s",
		    sign_role_name(s->signing->role), s->run.run_id);
		return error_hint(s->err, "tenantry show %s says who signed", s->run.run_id);
	}
	if (!sign_same_name(mine->name, s->name))
		return name_whose(s, mine);
	for (int role = SIGN_ROLE_COUNT - 1; role >= (int)s->signing->role; role--)
		if (s->standing.by[role] && ledger_signature_withdraw(s->ledger, s->standing.by[role],
						s->login, s->signing->reason, s->err) < 0)
			return -1;
	s->out->name = mine->name;
	s->out->manifest = mine->manifest;
	if (ledger_commit(s->ledger, s->err) < 0)
		return -1;
	if (!all && preparer)
		return write_manifest(s, preparer->document);
	char *path = path_of(s);
	unlink(path);
	free(path);
	return 0;
}

/* ---- The command's work. */

static int find_run(struct signer *s)
{
	int found = ledger_run_find(s->ledger, s->signing->run_id, s->arena, &s->run, s->err);

	if (found < 0)
		return -1;
	if (found == 0) {
		error_set(s->err, ERR_USAGE, "no run %s in the ledger", s->signing->run_id);
		return error_hint(s->err, "tenantry runs lists them");
	}
	s->out->run_id = s->run.run_id;
	s->out->folder = s->run.folder;
	if (ledger_signatures(s->ledger, s->run.run_id, s->arena, &s->all, &s->all_count, s->err) < 0)
		return -1;
	s->standing = standing_of(s->all, s->all_count);
	return 0;
}

int sign_run(const struct job *job, const struct signing *signing, struct clock *clock, struct arena *arena,
    struct signed_run *out, struct error *err)
{
	struct signer s = {
	    .signing = signing, .clock = clock, .arena = arena, .out = out, .name = "", .err = err};
	struct error ignored = {0};

	*out = (struct signed_run){.run_id = "", .folder = "", .name = "", .manifest = ""};
	if (check_name(signing->name, err) < 0)
		return -1;
	s.name = out->name = trimmed(arena, signing->name);
	identity_who(s.login);
	s.ledger = open_known_ledger(job, LEDGER_WRITE, clock, err);
	if (!s.ledger)
		return -1;
	int rc = find_run(&s);
	if (rc == 0)
		rc = signing->withdraw ? withdraw(&s) : sign(&s);
	if (rc == 0 && out->reason_count == 0 && report_index(s.ledger, job, &ignored) < 0)
		error_clear(&ignored);
	ledger_close(s.ledger);
	return rc;
}
