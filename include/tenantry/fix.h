/* Corrections: which findings the program can close in Acronis (or in a file for the BSS), what that would
 * change, and the file in which a person says yes to each.
 *
 * Which side is right is a business decision; the table of fix.c takes the BSS's side and says so. A tenant
 * is never deleted, renamed or moved. A fix is about one finding and holds only as long as both sides still
 * say what the finding says.
 */
#ifndef TENANTRY_FIX_H
#define TENANTRY_FIX_H

#include "tenantry/ledger.h"
#include "tenantry/reconcile.h"

#define FIX_CHANGES(X) /* id, name in the file, what is done */                                              \
	X(FIX_DISABLE, "disable", "disable the tenant")                                                      \
	X(FIX_ENABLE, "enable", "enable the tenant")                                                         \
	X(FIX_SET_TIER, "set-tier", "set the tenant's tier")                                                 \
	X(FIX_SET_CURRENCY, "set-currency", "set the currency of the tenant's pricing")                      \
	X(FIX_SET_CUSTOMER_ID, "set-customer-id", "set the tenant's customer id")                            \
	X(FIX_SET_EXTERNAL_ID, "set-external-id", "write the subscription's external id for the BSS's import")
enum fix_change {
#define X(id, name, text) id,
	FIX_CHANGES(X)
#undef X
	    FIX_CHANGE_COUNT
};
const char *fix_change_name(enum fix_change change);
int fix_change_find(struct strv name); /* -1 none */

/* Why a fix was not carried out although nothing went wrong: the world is not what the file says. */
#define FIX_SKIPS(X)                                                                                         \
	X(SKIP_ALREADY, "already-so")      /* it is what it would be, and not by us */                       \
	X(SKIP_MOVED, "moved")             /* Acronis says neither what the file says nor what it wants */   \
	X(SKIP_BSS_MOVED, "bss-moved")     /* the BSS says something else now */                             \
	X(SKIP_ORDER_NEWER, "order-newer") /* it would undo an order that the BSS's export does not show */  \
	X(SKIP_FINDING_GONE, "finding-gone") /* resolved or accepted since the file was read */              \
	X(SKIP_IN_USE, "in-use")             /* a live subscription needs what would be switched off */      \
	X(SKIP_TENANT_GONE, "tenant-gone")   /* not there, deleted, out of reach, no partner */              \
	X(SKIP_OF_ANOTHER, "tenant-of-another-account")                                                      \
	X(SKIP_TIER_UNPROVED, "tier-unproved") /* a paid tier, and the tier table is not proved */
enum fix_skip {
	SKIP_NONE,
#define X(id, code) id,
	FIX_SKIPS(X)
#undef X
	    FIX_SKIP_COUNT
};
const char *fix_skip_code(enum fix_skip skip);

struct fix {
	struct finding_record finding; /* as its run put it */
	enum fix_change change;
	const char *now, *to;                    /* as the file shows them */
	const struct tier *tier;                 /* FIX_SET_TIER: what `to` names */
	enum fix_skip skip;                      /* known before any call: it will not be carried out */
	const char *why;                         /* of `skip`; "" */
	const struct subscription *subscription; /* as the BSS has it now; NULL until fix_check_bss() */
};

/* Pure. What would close this finding: true, with *out (texts borrowed from the finding or in the arena).
 * False: nothing that the program may do; *why says what is in the way ("" its class has no fix). */
bool fix_of_finding(const struct job *job, const struct finding_record *finding, struct arena *arena,
    struct fix *out, const char **why);
/* Pure. Does the BSS still say what the finding says, and does nothing there need the tenant as it is? Sets
 * skip and why when not. */
void fix_check_bss(
    struct fix *fix, const struct job *job, const struct subscriptions *subscriptions, struct arena *arena);
/* What a correction must not undo: changes of ours that the BSS's export does not show. */
struct fix_journal {
	const struct subscriptions *subscriptions;
	const struct item_record *done;
	size_t done_count;
	int64_t now;
};
/* Pure. Would it undo such a change, newer than the BSS's row (expect.c)? Sets skip and why then; before a
 * file is written as well as before its corrections are carried out. */
void fix_check_journal(
    struct fix *fix, const struct job *job, const struct fix_journal *journal, struct arena *arena);
/* "Tier 2 (value 1)", or "no tier": how a tier value is shown in `now`. */
void fix_add_tier(struct strbuf *out, const struct job *job, bool has_tier, int64_t value);
/* The table of classes and changes as markdown for the README. */
void fixes_reference_markdown(struct strbuf *out);

/* ---- The file (YAML); report_fixes() writes it. */
enum { FIXES_FILE_VERSION = 1, FIXES_SEAL_SIZE = 33 };
/* What a file of this run in this ledger carries: nobody takes one to another ledger by mistake. */
int fixes_seal(
    struct ledger *ledger, const char *run_id, char seal[FIXES_SEAL_SIZE], struct error *err) MUST_USE;

struct fixes {
	struct arena *arena;
	const char *run_id; /* whose findings they are */
	const char *path;
	uint64_t bytes;
	char digest[DIGEST_TEXT_SIZE]; /* of the file as it was read */
	struct fix *items;             /* those with `do: yes`, in the order of the file */
	size_t count, left;            /* left: entries that say no */
};
/* The job file that it names, in the arena. NULL with an error when it names none or cannot be read. */
const char *fixes_file_job(const char *path, struct arena *arena, struct error *err);
/* Is it a file of fixes (YAML) rather than a plan of orders (JSON)? */
bool fixes_file_is(const char *path);
/* Reads and checks all of it against the job and the ledger: every entry must be what was proposed, but for
 * `do`. ERR_JOB with file, line and column, and then nothing is done. Free with fixes_free(). */
struct fixes *fixes_read(
    const char *path, const struct job *job, struct ledger *ledger, struct error *err) MUST_USE;
void fixes_free(struct fixes *fixes); /* NULL is fine */

#endif
