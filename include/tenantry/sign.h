/* Sign-off: two people put their names under a run that compared everything, and `verify` proves later that
 * nothing moved.
 *
 * The manifest (manifest.json in the run's folder, 0600, appears whole) freezes what they saw: the inputs and
 * the job with their digests, counts, coverage, totals, each finding with what became of it, the audit's
 * head, and every file of the folder with its SHA-256. The reviewer signs what the preparer froze. The
 * manifest's own hash stands in the ledger and in its events, which the next audit carries on in its chain. A
 * signed folder is not written to any more. */
#ifndef TENANTRY_SIGN_H
#define TENANTRY_SIGN_H

#include <jansson.h>

#include "tenantry/job.h"
#include "tenantry/ledger.h"
#include "tenantry/report.h"

#define MANIFEST_NAME "manifest.json"
enum { MANIFEST_VERSION = 1 };

enum sign_role { SIGN_PREPARER, SIGN_REVIEWER, SIGN_ROLE_COUNT };
const char *sign_role_name(enum sign_role role); /* "preparer", "reviewer" */

/* Two names of one person: letters without case, white space not looked at. */
bool sign_same_name(const char *a, const char *b);

struct signing {
	const char *run_id; /* or "last" */
	enum sign_role role;
	const char *name; /* who signs, or whose signature is withdrawn */
	bool withdraw;
	const char *reason; /* of withdraw */
};
struct signed_run {
	const char *run_id, *folder;
	const char *name,
	    *manifest;        /* whose signature, and the hash that was signed; manifest "" when refused */
	bool already;         /* it stood before: nothing was changed */
	bool same_login;      /* both signatures came from one login of the machine */
	const char **reasons; /* why it cannot be signed; then nothing was changed */
	size_t reason_count, reason_cap;
	size_t files, open; /* files frozen; findings that are neither fixed nor accepted */
};
/* Signs, or withdraws. What stands against signing is data (out->reasons). ERR_USAGE: no such run, no
 * readable name, reviewer before preparer, both the same person, somebody else has signed, nothing to
 * withdraw. */
int sign_run(const struct job *job, const struct signing *signing, struct clock *clock, struct arena *arena,
    struct signed_run *out, struct error *err) MUST_USE;

/* Of one run, the ones that stand: NULL where nobody signed. Texts in the arena. */
struct run_signatures {
	const struct signature_record *by[SIGN_ROLE_COUNT];
};
int sign_standing(struct ledger *ledger, const char *run_id, struct arena *arena, struct run_signatures *out,
    struct error *err) MUST_USE;
/* "prepared", "signed", "" for `runs` and the page of all nights. */
const char *sign_state(const struct run_signatures *signatures);

/* One entry of the manifest's "signatures": role, name, login, and `at` (ms) as text. The caller owns it. */
json_t *manifest_signature(const char *role, const char *name, const char *login, int64_t at);

/* ---- The manifest (manifest.c). */
/* All but the signatures. `open` gives the number of findings that are neither fixed nor accepted; each of
 * severity high among them, and each file that is not what the ledger knows of it, is told to `against`. NULL
 * with an error. */
json_t *manifest_make(struct ledger *ledger, const struct run_record *run, const struct report *report,
    int64_t now, size_t *open, void (*against)(void *user, const char *reason), void *user,
    struct error *err);
/* Holds the run against the manifest that was signed last; what does not fit is told to `problem`, `file` ""
 * for the ledger. A run that nobody signed has no manifest. */
int manifest_check(struct ledger *ledger, const struct run_record *run, struct arena *arena,
    void (*problem)(void *user, const char *file, const char *text), bool *is_signed, void *user,
    struct error *err) MUST_USE;

#endif
