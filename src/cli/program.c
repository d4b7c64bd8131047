/* The command line of tenantry as data; see program.h. Words for people only: what a command does is in
 * command_NAME.c. */
#include "cli/program.h"

#include "cli/commands.h"

static const struct option options[] = {[OPT_DRY_RUN] = {"dry-run", 0, OPTION_FLAG, NULL, NULL, NULL,
					    "show what would be done; change nothing, write nothing"},
    [OPT_LIMIT] = {"limit", 0, OPTION_COUNT, "N", NULL, NULL,
	"take at most N orders (runs: show at most N); 0 is no limit"},
    [OPT_MAX_ERRORS] = {"max-errors", 0, OPTION_SHARE, "N|P%", NULL, NULL,
	"stop after more failed or parked actions than this, in place of provision.max_errors"},
    [OPT_MAX_CHANGES] = {"max-changes", 0, OPTION_SHARE, "N|P%", NULL, NULL,
	"do nothing when more actions than this are planned, in place of provision.max_changes"},
    [OPT_ALLOW_DISABLES] = {"allow-disables", 0, OPTION_COUNT, "N", NULL, NULL,
	"let up to N disables, suspensions, cancellations and tier drops of more than one step pass once, over "
	"provision.max_disables; the run's record and the audit say so"},
    [OPT_OUTPUT] = {"output", 'o', OPTION_TEXT, "PLACE", NULL, NULL,
	"plan: the file that the plan is written to, for apply; export: the folder for the files"},
    [OPT_TENANTS] = {"tenants", 0, OPTION_TEXT, "FILE", NULL, NULL,
	"compare with the tenants in FILE (tenants.csv, plain or .zst) rather than asking Acronis"},
    [OPT_FORMAT] = {"format", 0, OPTION_LIST, "FORMAT", NULL, NULL,
	"html, xlsx, csv or json; may be given several times; default: what the job's report.formats says"},
    [OPT_JOB] = {"job", 0, OPTION_TEXT, "JOB", NULL, "TENANTRY_JOB", "job file whose ledger is read"},
    [OPT_NOW] = {"now", 0, OPTION_TIME, "TIME", NULL, NULL,
	"pretend that it is TIME, such as 2026-11-22T01:30:00Z; where something would be written only against a server on "
	"this machine"},
    [OPT_JSON] = {"json", 0, OPTION_FLAG, NULL, NULL, NULL, "print the result as JSON"},
    [OPT_QUIET] = {"quiet", 'q', OPTION_FLAG, NULL, NULL, NULL,
	"print nothing when all is well, as cron wants it"},
    [OPT_VERBOSE] = {"verbose", 'v', OPTION_FLAG, NULL, NULL, NULL, "log more"},
    [OPT_COLOR] = {"color", 0, OPTION_CHOICE, "WHEN", "auto|always|never", "auto",
	"colour the result: auto, always or never"},
    [OPT_LOG_FORMAT] = {"log-format", 0, OPTION_CHOICE, "FORMAT", "text|json", "text",
	"log lines as text or json"},
    [OPT_YES] = {"yes", 0, OPTION_FLAG, NULL, NULL, NULL,
	"let each kind of safety stop (max_changes, max_errors; not max_disables) pass once; the run's record and the audit "
	"say so"},
    [OPT_ORDER] = {"order", 0, OPTION_LIST, "ID", NULL, NULL,
	"only this order or order item; may be given several times"},
    [OPT_BATCH] = {"batch", 0, OPTION_COUNT, "N", NULL, NULL, "only what was in batch N of that run"},
    [OPT_CODE] = {"code", 0, OPTION_LIST, "CODE", NULL, NULL,
	"only what failed or is parked with this code, such as unavailable; may be given several times"},
    [OPT_INCLUDE_PARKED] = {"include-parked", 0, OPTION_FLAG, NULL, NULL, NULL,
	"try parked orders again too: what they were parked for was put right"},
    [OPT_ADOPT] = {"adopt", 0, OPTION_TEXT, "TENANT", NULL, NULL,
	"do the order on this tenant, which is there already"},
    [OPT_RESEND_MAIL] = {"resend-mail", 0, OPTION_FLAG, NULL, NULL, NULL,
	"the activation mail may be sent again: the next run sends one"},
    [OPT_SKIP] = {"skip", 0, OPTION_FLAG, NULL, NULL, NULL,
	"do not do the order; for mail-in-doubt: go on without a mail"},
    [OPT_TIER_PROVED] = {"tier-proved", 0, OPTION_FLAG, NULL, NULL, NULL,
	"do this one order although the tier table is not proved; then look its tier up in the portal"},
    [OPT_REASON] = {"reason", 0, OPTION_TEXT, "TEXT", NULL, NULL,
	"why, for whoever asks later; needed with --skip, with --tier-proved, with --until, and when a signature is withdrawn"},
    [OPT_STALE_AFTER] = {"stale-after", 0, OPTION_DURATION, "DURATION", NULL, "15m",
	"how old the last sign of life from another machine must be"},
    [OPT_FULL] = {"full", 0, OPTION_FLAG, NULL, NULL, NULL,
	"read all of Acronis, not only what changed since the last observation"},
    [OPT_PROPOSE] = {"propose", 0, OPTION_TEXT, "FILE", NULL, NULL,
	"write the changes that would close the findings to FILE (YAML), for a person to approve and for apply"},
    [OPT_UNTIL] = {"until", 0, OPTION_DATE, "DATE", NULL, NULL,
	"the last day on which the finding is accepted; it comes back by itself"},
    [OPT_WHO] = {"who", 0, OPTION_TEXT, "NAME", NULL, NULL,
	"who decided it, beside the login that runs the command"},
    [OPT_OWNER] = {"owner", 0, OPTION_TEXT, "NAME", NULL, NULL,
	"who looks at the finding from now on; empty: its class's owner again"},
    [OPT_WITHDRAW] = {"withdraw", 0, OPTION_FLAG, NULL, NULL, NULL,
	"ack: take the acknowledgement back, the finding is open again; sign: take the signature back"},
    [OPT_IMPORT] = {"import", 0, OPTION_TEXT, "FILE", NULL, NULL,
	"decisions from a CSV file, one a row: all of them or none"},
    [OPT_PREPARER] = {"preparer", 0, OPTION_TEXT, "NAME", NULL, NULL,
	"sign as the one who prepared the reconciliation"},
    [OPT_REVIEWER] = {"reviewer", 0, OPTION_TEXT, "NAME", NULL, NULL,
	"sign as the one who reviewed it: another person than the preparer"},
    [OPT_REHEARSE] = {"rehearse", 0, OPTION_FLAG, NULL, NULL, NULL,
	"begin, look at and activate one pending order in the BSS database, in a transaction that is rolled back"},
    [OPT_AS_OF] = {"as-of", 0, OPTION_DATE, "DATE", NULL, NULL,
	"compare the day DATE from what was kept of it; Acronis is not asked, and no finding is remembered"},
    [OPT_PERIOD] = {"period", 0, OPTION_TEXT, "MONTH", NULL, NULL,
	"compare the closed month MONTH, such as 2026-10: its invoices, and its end as of --as-of (default: its last day)"},
    [OPT_KEEP] = {"keep", 0, OPTION_DURATION, "DURATION", NULL, NULL,
	"remove what is older than this, in place of privacy.keep"},
    [OPT_KEEP_MONTH_ENDS] = {"keep-month-ends", 0, OPTION_DURATION, "DURATION", NULL, NULL,
	"keep the last snapshot of a month for so long, in place of retention.month_ends"},
    [TENANTRY_OPTION_COUNT] = {NULL, 0, OPTION_FLAG, NULL, NULL, NULL, NULL}};

#define LOGGING (OPTION_BIT(OPT_QUIET) | OPTION_BIT(OPT_VERBOSE) | OPTION_BIT(OPT_LOG_FORMAT))
#define SHOWING (LOGGING | OPTION_BIT(OPT_JSON) | OPTION_BIT(OPT_COLOR))
#define STOPS (OPTION_BIT(OPT_MAX_ERRORS) | OPTION_BIT(OPT_MAX_CHANGES) | OPTION_BIT(OPT_ALLOW_DISABLES))
#define LIMITS (OPTION_BIT(OPT_LIMIT) | STOPS)
#define BIT OPTION_BIT

static const struct command commands[] = {
    {.name = "run",
	.arguments = "JOB",
	.summary = "the whole night: check orders, provision, reconcile, report",
	.text =
	    "Does the steps that the job file names, in their order: pending orders are held against the rules, accepted "
	    "ones become Acronis tenants on the tier that was ordered, both sides are compared, reports are written.\n\n"
	    "A run that was cut short is continued by the next one; what is done already is not done again. Only one run of "
	    "a job is at work at a time.\n\n"
	    "What takes away (disable, suspend, cancel, a tier that drops by more than one step) has a budget of its own, "
	    "provision.max_disables in 24 hours. When more is asked for, none of it is done or accepted: it stays pending in its "
	    "source, everything else of the night goes on, and the exit status is 5. Only --allow-disables lets it pass.",
	.examples = "tenantry run /etc/tenantry/nightly.yaml --quiet\n"
		    "tenantry run nightly.yaml --dry-run\n"
		    "tenantry run nightly.yaml --limit 1\n"
		    "tenantry run nightly.yaml --allow-disables 12",
	.min_args = 1,
	.max_args = 1,
	.options = SHOWING | LIMITS | BIT(OPT_YES) | BIT(OPT_DRY_RUN) | BIT(OPT_NOW) | BIT(OPT_FULL),
	.run = command_run},
    {.name = "check",
	.arguments = "JOB",
	.summary = "is all there that a night needs? writes nothing",
	.text =
	    "Reads the job file, the secrets, the input files and the ledger, asks Acronis for a token and its tenants, and says "
	    "how long a full observation will take.\n\n"
	    "It says whether the tier table is proved and by what (contract.confirmed, the price list, partners that agree), which "
	    "tier values partners have, with some to look up in the management portal, and what the values would be under both "
	    "numberings: Tier N may be the value N or N-1. Orders for paid tiers wait for that proof; a table that is contradicted "
	    "is exit status 2.\n\n"
	    "Of a BSS database that is written back to it describes the four functions (columns, types) without calling them, and "
	    "fails where others could act with their rights: a night runs all the same, and its reports warn of it. It names what the "
	    "role can do beyond its need. --rehearse takes the first pending order that the rules accept, a new contract where there is "
	    "one, through these functions and says what each answered; nothing of it is kept but what a trigger does outside the "
	    "database.",
	.examples = "tenantry check nightly.yaml\n"
		    "tenantry check nightly.yaml --rehearse",
	.min_args = 1,
	.max_args = 1,
	.options = SHOWING | BIT(OPT_REHEARSE) | BIT(OPT_NOW),
	.run = command_check},
    {.name = "validate",
	.arguments = "JOB",
	.summary = "hold the pending orders against the rules, and no more",
	.text =
	    "Writes accepted.csv and rejected.csv to a run folder, each rejected row with every rule it breaks. Acronis is not "
	    "asked. Exit status 1 when something was rejected.",
	.examples = "tenantry validate nightly.yaml\n"
		    "tenantry validate nightly.yaml --json | jq .intake",
	.min_args = 1,
	.max_args = 1,
	.options = SHOWING | BIT(OPT_LIMIT) | BIT(OPT_DRY_RUN) | BIT(OPT_NOW),
	.run = command_validate},
    {.name = "plan",
	.arguments = "JOB",
	.summary = "what run would do, as text and as a file for apply",
	.text =
	    "Reads orders, subscriptions, the ledger and Acronis, and lists the actions that run would take, and with "
	    "their day those that are due later: a Start Date to come is waited for, whatever the action. What run would hold "
	    "back, because it takes away more than provision.max_disables lets pass, stands apart (the exit status stays 0: nothing "
	    "was to be done). Nothing is written but FILE.",
	.examples = "tenantry plan nightly.yaml\n"
		    "tenantry plan nightly.yaml -o tonight.plan",
	.min_args = 1,
	.max_args = 1,
	.options = SHOWING | LIMITS | BIT(OPT_OUTPUT) | BIT(OPT_NOW),
	.run = command_plan},
    {.name = "apply",
	.arguments = "[JOB] PLAN",
	.summary = "do exactly what a plan of orders, or a file of corrections, says",
	.text =
	    "PLAN is a file of tenantry plan: the plan is made anew and done only when it is the same. When orders, tenants or the "
	    "job file have changed since, nothing is done and the exit status is 5.\n\n"
	    "Or PLAN is a file of reconcile --propose. Its entries that say `do: yes` are carried out with the safety stops of "
	    "provisioning (max_changes, max_disables, max_errors, batches, --yes, --dry-run); every change is journalled before it is sent. "
	    "Before each, the BSS and the tenant are read again: what is no longer as the file says, or no longer a finding, is "
	    "skipped with the reason. An entry that is not what was proposed refuses the whole file with its line and column. A file "
	    "can be given again: what is done already is skipped. No tenant is ever deleted.\n\n"
	    "The file names its job file; JOB, given first, is used in its place.",
	.examples = "tenantry apply tonight.plan\n"
		    "tenantry apply nightly.yaml fixes.yaml --dry-run",
	.min_args = 1,
	.max_args = 2,
	.options = SHOWING | LIMITS | BIT(OPT_YES) | BIT(OPT_DRY_RUN) | BIT(OPT_NOW),
	.run = command_apply},
    {.name = "retry",
	.arguments = "RUN",
	.summary = "do again what failed, was not begun or is in doubt in a run",
	.text =
	    "RUN is a run id, or last. Takes the orders that this run touched and that are still open, reads each again from the "
	    "newest source, and goes on with it where it stood; all other orders are ignored as not-selected. The job and its "
	    "limits are that run's. One that is gone from the source or no longer pending is parked as order-gone, one that was "
	    "changed after work on it had begun as order-changed. One that breaks a rule now is rejected with its codes, and the "
	    "next run takes it up once it is corrected.\n\n"
	    "A retry is a run of its own, with a folder and a record, and can be retried again. Nothing is compared. With --order, "
	    "--batch or --code what else of that night failed or was not begun still waits: the verdict says how many, and the "
	    "exit status is 1.",
	.examples = "tenantry retry last --job nightly.yaml\n"
		    "tenantry retry 20261122T013000Z-3f2a1c --code unavailable --job nightly.yaml\n"
		    "tenantry retry last --order ORD-1042 --include-parked --job nightly.yaml",
	.min_args = 1,
	.max_args = 1,
	.options = SHOWING | STOPS | BIT(OPT_ORDER) | BIT(OPT_BATCH) | BIT(OPT_CODE) |
		   BIT(OPT_INCLUDE_PARKED) | BIT(OPT_YES) | BIT(OPT_DRY_RUN) | BIT(OPT_JOB) | BIT(OPT_NOW),
	.run = command_retry},
    {.name = "decide",
	.arguments = "ORDER",
	.summary = "settle a parked order",
	.text =
	    "ORDER is an order item id, an order id, or ORDER/ITEM. Exactly one of --adopt, --resend-mail, --skip and --tier-proved says what becomes of it. "
	    "--adopt takes a tenant that stands directly below our own, is a partner, is not deleted and is no other account's; "
	    "the next run does the order on it and creates none. --resend-mail and, with --skip, going on without a mail are for "
	    "mail-in-doubt. Any other skipped order is not done, and later runs ignore it as decided.\n\n"
	    "--tier-proved is for tier-unproved: the next run does this one order, and no other one before it is done. Look the "
	    "tier of its tenant up in the management portal; when it is right, name the tenant under contract.confirmed, and the "
	    "next run does all that waited for the proof. The decision itself proves nothing.\n\n"
	    "Who decided what, when and why is kept in the ledger; tenantry show ORDER has it.",
	.examples = "tenantry decide OI-1042 --adopt 6b1f4c3e-0d2a-4f57-9a88-1c2d3e4f5a6b\n"
		    "tenantry decide OI-1043 --resend-mail --job nightly.yaml\n"
		    "tenantry decide OI-1044 --skip --reason 'ordered twice' --job nightly.yaml\n"
		    "tenantry decide OI-1045 --tier-proved --reason 'the first' --job nightly.yaml",
	.min_args = 1,
	.max_args = 1,
	.options = SHOWING | BIT(OPT_ADOPT) | BIT(OPT_RESEND_MAIL) | BIT(OPT_SKIP) | BIT(OPT_TIER_PROVED) |
		   BIT(OPT_REASON) | BIT(OPT_JOB) | BIT(OPT_NOW),
	.run = command_decide},
    {.name = "ack",
	.arguments = "[FINDING]",
	.summary = "accept findings until a day, one or many",
	.text =
	    "An acknowledged finding fails no night and its money is totalled apart, but every report shows it, with reason, who and "
	    "until. It comes back by itself: after the last day, when it becomes graver, when more money is at stake, and when the sides "
	    "say something else (of findings about amounts the money alone counts). When it is resolved, its acknowledgement ends with it. --withdraw takes it "
	    "back, --owner gives the finding to somebody.\n\n"
	    "--import reads Finding Id, Decision (acknowledge, withdraw, or empty), Reason, Until, Who and Assign To; other columns are "
	    "ignored, so that findings.csv with two columns more, Reason and Until, is such a file, and rows without either say nothing. Each "
	    "error is told with file:line:column: an id that is not known, a finding that is resolved, one that is decided twice, a missing "
	    "reason or day, a day that is over. With one error nothing is changed and the exit status is 1: half of a list would look like "
	    "the whole. --dry-run says what would be done.\n\n"
	    "Who decided what, when and why is kept in the ledger and goes into the next audit; tenantry show FINDING has it.",
	.examples = "tenantry ack F-3f2a1c0d9e8b7a65 --reason 'contract 17' --until 2026-12-31\n"
		    "tenantry ack F-3f2a1c0d9e8b7a65 --withdraw --job nightly.yaml\n"
		    "tenantry ack F-3f2a1c0d9e8b7a65 --owner 'Ana Diaz' --job nightly.yaml\n"
		    "tenantry ack --import decisions.csv --dry-run --job nightly.yaml",
	.min_args = 0,
	.max_args = 1,
	.options = SHOWING | BIT(OPT_REASON) | BIT(OPT_UNTIL) | BIT(OPT_WHO) | BIT(OPT_OWNER) |
		   BIT(OPT_WITHDRAW) | BIT(OPT_IMPORT) | BIT(OPT_DRY_RUN) | BIT(OPT_JOB) | BIT(OPT_NOW),
	.run = command_ack},
    {.name = "unlock",
	.arguments = "JOB",
	.summary = "take the lock from a run whose machine is gone",
	.text =
	    "Shows who holds the job's lock and proves that the owner is gone: on this machine (whatever container it runs in) by "
	    "the lock file beside the ledger that nobody holds, on another by its last sign of life, which must be a minute old at "
	    "least. What cannot be proved stays locked (exit status 4). A dead owner on this machine needs no unlock: the next run "
	    "takes over by itself.",
	.examples = "tenantry unlock nightly.yaml\n"
		    "tenantry unlock nightly.yaml --stale-after 5m",
	.min_args = 1,
	.max_args = 1,
	.options = SHOWING | BIT(OPT_STALE_AFTER) | BIT(OPT_NOW),
	.run = command_unlock},
    {.name = "rebuild",
	.arguments = "JOB",
	.summary = "make a new ledger when the old one is lost",
	.text =
	    "Reads the run folders and the tenants in Acronis that carry our tags, and makes a ledger of what they say: done is "
	    "what the run folders, or an active subscription of the BSS, call done; what was begun goes on with the next run. Where "
	    "a user is there and not activated, nobody knows whether its mail went out: that order is parked as mail-in-doubt. "
	    "Decisions after the newest run, and the ages of findings, are lost.\n\n"
	    "Only when the ledger is missing or older than the newest run folder; an older one is kept under another name. "
	    "Nothing is changed in Acronis, and the ledger appears whole or not at all. Exit status 1 when orders wait for a "
	    "decision.",
	.examples = "tenantry rebuild nightly.yaml --dry-run\n"
		    "tenantry rebuild nightly.yaml",
	.min_args = 1,
	.max_args = 1,
	.options = SHOWING | BIT(OPT_DRY_RUN) | BIT(OPT_NOW),
	.run = command_rebuild},
    {.name = "export",
	.arguments = "JOB",
	.summary = "what the BSS database gives, as CSV files",
	.text =
	    "Reads all that the job takes from the BSS database at one moment and writes it to a folder as orders.csv, "
	    "subscriptions.csv, invoices.csv and rates.csv, in the shape in which a job can read them in place of the database: "
	    "for finance, and to play a night again elsewhere. Nothing is changed in the database.",
	.examples = "tenantry export nightly.yaml -o var/export",
	.min_args = 1,
	.max_args = 1,
	.options = SHOWING | BIT(OPT_OUTPUT),
	.run = command_export},
    {.name = "reconcile",
	.arguments = "JOB",
	.summary = "compare what the BSS bills with what Acronis runs",
	.text =
	    "Observes Acronis and compares it with the subscriptions. Changes nothing in Acronis and nothing in the BSS; findings "
	    "and the observed state go to a run folder and the ledger.\n\n"
	    "After one full read only what changed since is read: changed tenants, and again the tiers, pricing and licensing of "
	    "accounts with orders or findings and of a share that rotates, so that no value is older than "
	    "reconcile.full_every. A full read follows at full_every, when the last observation cannot be trusted, and with "
	    "--full; the report says which it was, why, and how old the values are.\n\n"
	    "With --as-of or --period a day or a month that is past is compared, from the newest snapshots at or before the end "
	    "of that day (see timezone) and the invoices and rates as a night of that time read them: for a period the newest "
	    "that have lines of it, with --as-of beside it the newest that were known on that day. Where no night kept any, "
	    "their source is read as it is now, and the report says so. Hashes are checked. Such a run asks Acronis "
	    "nothing, takes no lock, and leaves what nights remember of findings as it is; every report of it says as of when "
	    "it is. Exit status 3 when nothing is kept of that day.\n\n"
	    "--propose writes the changes that would close the findings to a file: disable, enable, set-tier, set-currency, "
	    "set-customer-id, set-external-id; never delete. Every entry says `do: no` until a person changes it to yes; then "
	    "tenantry apply JOB FILE carries it out.",
	.examples = "tenantry reconcile nightly.yaml\n"
		    "tenantry reconcile nightly.yaml --period 2026-10\n"
		    "tenantry reconcile nightly.yaml --propose fixes.yaml\n"
		    "tenantry reconcile nightly.yaml --tenants october/tenants.csv.zst",
	.min_args = 1,
	.max_args = 1,
	.options = SHOWING | BIT(OPT_TENANTS) | BIT(OPT_FULL) | BIT(OPT_AS_OF) | BIT(OPT_PERIOD) |
		   BIT(OPT_PROPOSE) | BIT(OPT_DRY_RUN) | BIT(OPT_NOW),
	.run = command_reconcile},
    {.name = "prune",
	.arguments = "JOB",
	.summary = "remove run folders and snapshots that are beyond their time",
	.text =
	    "What began longer ago than privacy.keep goes, but never: the newest run, what was signed, what open orders refer to, "
	    "what the next night goes on from, and the last complete snapshot and the newest invoices of each month for "
	    "retention.month_ends. Says for each folder what becomes of it and why; what is removed is noted in the ledger and "
	    "in the next audit. Each night does the same by itself.",
	.examples = "tenantry prune nightly.yaml --dry-run\n"
		    "tenantry prune nightly.yaml --keep 30d --keep-month-ends 400d",
	.min_args = 1,
	.max_args = 1,
	.options = SHOWING | BIT(OPT_DRY_RUN) | BIT(OPT_KEEP) | BIT(OPT_KEEP_MONTH_ENDS) | BIT(OPT_NOW),
	.run = command_prune},
    {.name = "report",
	.arguments = "RUN",
	.summary = "the reports of a finished run again, from the ledger",
	.text = "RUN is a run id, or last. The job whose ledger is read comes from --job or TENANTRY_JOB.",
	.examples = "tenantry report last --job nightly.yaml --format xlsx",
	.min_args = 1,
	.max_args = 1,
	.options = SHOWING | BIT(OPT_FORMAT) | BIT(OPT_JOB),
	.run = command_report},
    {.name = "runs",
	.arguments = "",
	.summary = "the runs so far, the newest first",
	.text = "The job whose ledger is read comes from --job or TENANTRY_JOB.",
	.examples = "tenantry runs --job nightly.yaml --limit 10",
	.min_args = 0,
	.max_args = 0,
	.options = SHOWING | BIT(OPT_LIMIT) | BIT(OPT_JOB),
	.run = command_runs},
    {.name = "show",
	.arguments = "ID",
	.summary = "all that is known of a run, batch, order, account, tenant or finding",
	.text =
	    "ID is a run id or last, RUN/N for a batch, an order or order item id, an account id, a tenant's UUID or a finding's id; "
	    "parked shows all orders that wait for a decision, failed all that failed and were not done since, each with the "
	    "command that goes on. "
	    "The job whose ledger is read comes from --job or TENANTRY_JOB.",
	.examples = "tenantry show last --job nightly.yaml\n"
		    "tenantry show parked --job nightly.yaml\n"
		    "tenantry show failed --job nightly.yaml\n"
		    "tenantry show ORD-1042 --job nightly.yaml",
	.min_args = 1,
	.max_args = 1,
	.options = SHOWING | BIT(OPT_JOB),
	.run = command_show},
    {.name = "sign",
	.arguments = "RUN",
	.summary = "sign a reconciliation off: preparer, then reviewer",
	.text =
	    "RUN is a run id, or last. Two different people sign (names are compared without case and spaces). The preparer freezes "
	    "inputs, settings, counts, totals, what became of each finding, and every file of the run's folder with its SHA-256 in "
	    "manifest.json there; the reviewer signs the same. The manifest's own hash stands in the ledger and in the chain of "
	    "audits. Nothing is written to a signed folder any more; tenantry verify names whatever moved.\n\n"
	    "Refused, with all reasons and exit status 1: a run that compared nothing, in part, or not everything (not-compared blocks "
	    "sign-off); counts that do not close; files that changed since; and findings of severity high that are neither fixed nor "
	    "accepted with a reason. Open findings below high do not stand in the way and are listed in the manifest.\n\n"
	    "With --withdraw the signature that is named is taken back, with the reason, and with the preparer's the reviewer's: who signed "
	    "and who withdrew stays in the ledger.",
	.examples = "tenantry sign last --preparer 'Ann Lee' --job nightly.yaml\n"
		    "tenantry sign last --reviewer 'Bo Diaz' --job nightly.yaml\n"
		    "tenantry sign last --reviewer 'Bo Diaz' --withdraw --reason 'late credit'",
	.min_args = 1,
	.max_args = 1,
	.options = SHOWING | BIT(OPT_PREPARER) | BIT(OPT_REVIEWER) | BIT(OPT_WITHDRAW) | BIT(OPT_REASON) |
		   BIT(OPT_JOB) | BIT(OPT_NOW),
	.run = command_sign},
    {.name = "verify",
	.arguments = "RUN",
	.summary = "do audit, ledger and reports of a run still say the same?",
	.text =
	    "RUN is a run id, last, or all. Checks the chain of hashes in audit.ndjson and its links to the runs before and after, each "
	    "audited change against the ledger's journal, the files of the run against the hashes they had, and that the counts close; of a "
	    "signed run also the manifest against the ledger, and every file of its folder against the manifest: changed, missing, "
	    "added. "
	    "Names what does not fit, with file and line, and exits with 1. The hash it prints last, kept elsewhere, proves all before it. "
	    "The job whose ledger is read comes from --job or TENANTRY_JOB.",
	.examples = "tenantry verify last --job nightly.yaml\n"
		    "tenantry verify all --job nightly.yaml --json",
	.min_args = 1,
	.max_args = 1,
	.options = SHOWING | BIT(OPT_JOB),
	.run = command_verify},
    {0}};

static const struct heading_text sections[] = {
    {"EXIT STATUS",
	"0    all good\n"
	"1    finished, a person must look: orders rejected, failed or waiting for a decision (also of earlier runs), findings at "
	"or above reconcile.fail_on, or logins that could not be read\n"
	"2    wrong command line or job file, or a tier table that is contradicted by partners; nothing was done\n"
	"3    could not run or could not compare: a source, the BSS, the ledger or Acronis is not available; trying "
	"later helps\n"
	"4    another run of this job is at work\n"
	"5    safety stop: what it names was not done\n"
	"130  interrupted (SIGINT), state saved\n"
	"143  terminated (SIGTERM, SIGHUP), state saved\n\n"
	"Where several apply, the first of 2, 4, 130, 143, 5, 3, 1, 0 counts. Results go to standard output; the log, "
	"the progress line and errors go to standard error. With --json an error is one JSON object there."},
    {"ENVIRONMENT", "TENANTRY_JOB  job file for commands that take none and were given no --job\n"
		    "NO_COLOR      when set and not empty, no colours\n"
		    "CREDENTIALS_DIRECTORY  set by systemd, for secrets kept as {credential: NAME}"},
    {"FILES",
	"var/runs/RUN/  a run's folder: run.json, accepted.csv, rejected.csv, failed.csv, findings.csv, reports, audit.ndjson (each "
	"change, in a chain of hashes), manifest.json (of a signed run); all names and addresses in it are readable to their owner only\n"
	"var/tenantry.db  the ledger; the job file says where it is"},
    {"SEE ALSO", "tenantry-job(5), tenantry-sandbox(1), crontab(5), systemd.timer(5)"}, {NULL, NULL}};

const struct program tenantry_program = {.name = "tenantry",
    .summary = "provision and reconcile Acronis contract tenants from a BSS",
    .text =
	"Tenantry is the nightly job of a distributor who sells Acronis CSP contracts to resellers from a business support "
	"system (BSS). It reads the pending orders, checks them, makes each reseller an Acronis tenant on the tier that was "
	"ordered, and then proves that what the BSS bills and what Acronis runs are the same.\n\n"
	"JOB is a job file: it says where orders come from, which Acronis data centre to use and which tiers are sold. "
	"Begin with a copy of jobs/nightly.yaml, then: tenantry check JOB, tenantry plan JOB, tenantry run JOB.",
    .options = options,
    .commands = commands,
    .sections = sections};
