#!/usr/bin/env bash
# A ledger as the version before findings had a memory left it (schema 4): a night with this program goes on
# from it, and nothing of it is lost.
. "$(dirname "$0")/lib.sh"
cd "$WORK" || exit 2
SQL=$ROOT/src/ledger/sql
DB=var/test.db
at() { date -ud "$1" +%s000; }
# finding ID CODE STATE ACCOUNT OBJECT FIRST LAST RUNS: a row of that version
finding() {
	echo "'$4', '$1', 'r3', '$2', 'high', 'operations', '$3', 'Reseller $4', '$5', '', '$5', 'a tenant on Tier 1', 'Tier 1', 'no tenant', 'USD', '250.00', 'sentence', 'evidence', $(at "$6"), $(at "$7"), $8"
}
MISSING=F-e13e2f8e21eb0e15 GONE=F-3c904a7b286d34ce # the ids that version gave to tenant-missing of S-77 and S-78
item() { # KEY STATE REASON
	echo "'${1#OI-}', 'main/$1', 'ORD-${1#OI-}', '$1', 'Reseller', '', '', '', '', 'Tier 1', 'USD', 'd', '$3', '', 'r1', 'orders.csv', '', 2, 'new', '$2', '', 1, 1, $(at 2026-09-20), $(at 2026-09-20), $(at 2026-09-20), 0"
}
mkdir -p var
{
	cat "$SQL"/migrate_00[1234].sql
	for run in "1 2026-09-20" "2 2026-10-21" "3 2026-11-21"; do
		t=$(at "${run#* }")
		echo "INSERT INTO runs VALUES (${run% *}, 'r${run% *}', 'test', 'run', 'var/runs/r${run% *}', 'job.yaml', $t, $t, 1, 0, '');"
	done
	echo "INSERT INTO findings VALUES ($(finding $MISSING tenant-missing open 77 S-77 2026-09-20 2026-11-21 3));"
	echo "INSERT INTO findings VALUES ($(finding $GONE tenant-missing resolved 78 S-78 2026-09-20 2026-10-21 2));"
	echo "INSERT INTO run_findings SELECT * FROM findings WHERE finding_id = '$MISSING';"
	echo "INSERT INTO finding_events (finding_id, run_id, event, at) VALUES
		('$MISSING', 'r1', 'opened', $(at 2026-09-20)), ('$MISSING', 'r2', 'resolved', $(at 2026-10-01)),
		('$MISSING', 'r2', 'reopened', $(at 2026-10-21)),
		('$GONE', 'r1', 'opened', $(at 2026-09-20)), ('$GONE', 'r3', 'resolved', $(at 2026-11-21));"
	echo "INSERT INTO items VALUES ($(item OI-1 'done' '')), ($(item OI-2 parked tenant-exists));"
	echo "INSERT INTO run_items SELECT * FROM items;"
	echo "PRAGMA application_id = 0x544e5452; PRAGMA user_version = 4;"
} | sqlite3 $DB
{
	echo "$SUBSCRIPTION_HEADER"
	echo "S-77,,77,Reseller 77,,CCSP-T1,Tier 1,Active,1,USD,2026-01-01,,,,Synchronized,2026-10-01T00:00:00Z"
} >subscriptions.csv
echo "$ORDER_HEADER" >orders.csv
write_job 's/min_coverage: 95%/min_coverage: 0%\n  max_age: 0s/' 's/steps: .*/steps: [reconcile, report]/'
start_sandbox
memory() { sqlite3 $DB "SELECT $1 FROM findings WHERE finding_id = '$2'"; }

expect "reading alone leaves it as it is" 3 "$TENANTRY" runs --job job.yaml
says "and says what will bring it up to date" "schema version 4"
expect "a night goes on from it" 1 "$TENANTRY" reconcile job.yaml --now 2026-11-22T01:30:00Z
check "what was open is known" field "$(last_run)/run.json" ".findings[] | select(.id == \"$MISSING\") | [.state, .news, .first_seen[:10], .runs_open] | map(tostring) | join(\" \")" \
	"open known 2026-09-20 4"
check "with its age" grep -q '61-90 days: 1 high' "$WORK/out"
check "its billing cycles are counted from when it was first seen" test "$(memory cycles_open $MISSING)" = 3
check "how often it came back is kept" test "$(memory times_reopened $MISSING)" = 1
check "it is open since it came back" test "$(memory opened_at $MISSING)" = "$(at 2026-10-21)"
check "what was resolved stays so" test "$(memory state,resolved_run $GONE)" = "resolved|r3"
check "items are kept" test "$(sqlite3 $DB 'SELECT group_concat(key || " " || state || " " || reason) FROM (SELECT * FROM items ORDER BY key)')" = \
	"main/OI-1 done ,main/OI-2 parked tenant-exists"
check "as are runs and their copies" test "$(sqlite3 $DB 'SELECT (SELECT count(*) FROM runs), (SELECT count(*) FROM run_items)')" = "4|2"
check "what a run first reads from now on is noted" test "$(sqlite3 $DB 'SELECT count(*) FROM first_reads')" = 0
check "its tables are whole" test "$(sqlite3 $DB 'PRAGMA integrity_check; PRAGMA foreign_key_check')" = ok
expect "the night's audit fits" 0 "$TENANTRY" verify last --job job.yaml
expect "a decision about what is gone" 2 "$TENANTRY" ack $GONE --reason late --until 2027-01-31 --job job.yaml
says "says when it went" "is resolved since 2026-11-21 (run r3)"
expect "a decision about what is open" 0 "$TENANTRY" ack $MISSING --reason known --until 2027-01-31 --job job.yaml
expect "the next night keeps it" 0 "$TENANTRY" reconcile job.yaml --now 2026-12-01T01:30:00Z
check "and counts on" test "$(memory state,runs_open,cycles_open $MISSING)" = "acknowledged|5|4"
finish
