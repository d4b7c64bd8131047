#!/usr/bin/env bash
# The audit and what verify makes of it: every file tampered with, every line of audit.ndjson, the ledger; runs that were pruned, that
# took no lock, that are of no ledger.
. "$(dirname "$0")/lib.sh"
start_sandbox
cd "$WORK" || exit 2
orders 501 502 503 >orders.csv
order 504 | sed 's/,1,USD,/,2,USD,/' >>orders.csv
write_job
export TENANTRY_JOB=$WORK/job.yaml

expect "a night" 1 "$TENANTRY" run job.yaml --now $NOW
first=$(last_run)
audit=$first/audit.ndjson
check "the audit is there" test -s "$audit"
check "each line is JSON with seq, prev and event" jq -se 'to_entries | all(.value.seq == .key + 1 and (.value.prev | length) == 64 and .value.event)' "$audit"
check "each change is in it" test "$(jq -s '[.[] | select(.event == "change")] | length' "$audit")" = "$(jq -s '[.[] | select(.method != "GET" and .path != "/api/2/idp/token")] | length' requests.ndjson)"
check "what a change was" jq -se '[.[] | select(.call == "CreateTenant")] | length == 3 and all(.[]; .item and .request and .outcome == "ok" and .status == 201 and .version_after == 1 and .object)' "$audit"
check "versions before and after" jq -se '[.[] | select(.call == "UpdateTenantPricingSettings")] | length == 3 and all(.[]; .version_after == .version_before + 1)' "$audit"
check "lines for the BSS" test "$(jq -s '[.[] | select(.event == "export")] | length' "$audit")" = 6
check "the first line follows nothing" test "$(head -1 "$audit" | jq -r .prev)" = "$(printf '0%.0s' {1..64})"
check "the last line closes it" jq -e '.event == "run-end" and .exit_status == 1 and .counts.items.done == 3' <(tail -1 "$audit")
check "files are named with their hashes" test "$(tail -1 "$audit" | jq -r '.files["run.json"]')" = "$(sha256sum "$first/run.json" | cut -d' ' -f1)"
check "no personal data" test "$(grep -cE 'Reseller 50|@r50|Main Street|Boston|555 0100' "$audit")" = 0
check "it is for its owner alone" test "$(stat -c %a "$audit")" = 600

expect "a second night" 1 "$TENANTRY" run job.yaml --now 2026-11-21T01:30:00Z
second=$(last_run)
check "the chain goes on" test "$(head -1 "$second/audit.ndjson" | jq -r .prev)" = "$(tail -1 "$audit" | tr -d '\n' | sha256sum | cut -d' ' -f1)"
expect "validate takes no lock" 1 "$TENANTRY" validate job.yaml --now 2026-11-21T02:30:00Z
check "and has no audit" test ! -e "$(last_run)/audit.ndjson"
expect "a run without an audit" 0 "$TENANTRY" verify last
says "nothing is not called fit" "nothing was compared"
expect "reconcile" 1 "$TENANTRY" reconcile job.yaml --now 2026-11-21T03:30:00Z

expect "all fits" 0 "$TENANTRY" verify all
says "it counts them" "all fits: 3 runs"
says "and says what it could not compare" "took no lock"
expect "quiet when all fits" 0 "$TENANTRY" verify all --quiet
silent "nothing is said"
expect "last" 0 "$TENANTRY" verify last
expect "one run" 0 "$TENANTRY" verify "$(basename "$first")" --json
check "it says how many were compared" field "$WORK/out" '.compared' 1
check "as JSON" jq -e '.fits and (.head | length) == 64 and .runs[0].changes > 20 and .runs[0].problems == []' out
expect "an unknown run" 2 "$TENANTRY" verify 19990101T000000Z-aaaaaa
expect "a report written again changes nothing" 0 "$TENANTRY" report "$(basename "$first")"
expect "so it still fits" 0 "$TENANTRY" verify "$(basename "$first")"

# tampered NAME FILE WORDS: the run does not fit, the file is named, and restored afterwards
tampered() {
	expect "$1" 1 "$TENANTRY" verify "$(basename "$first")"
	says "$1: it says where" "$2"
	says "$1: it says what" "$3"
	cp kept/"$(basename "$first")"/* "$first/"
}
mkdir kept && cp -r var/runs/* kept/
for file in run.json findings.csv rejected.csv subscriptions-import.csv orders-executed.csv; do
	printf ' ' >>"$first/$file"
	tampered "$file is longer" "$first/$file" "changed since the run ended"
	rm "$first/$file"
	tampered "$file is gone" "$first/$file" "is missing"
done
sed -i 's/"done": 3/"done": 2/' "$first/run.json"
tampered "a count of run.json" "$first/run.json" "do not close"
rm "$audit"
tampered "the audit is gone" "$audit" "is missing"
: >"$audit"
tampered "the audit is empty" "$audit" "the closing line is missing"

# One byte of each line.
lines=$(wc -l <"$audit") found=0
for ((n = 1; n <= lines; n++)); do
	sed -i "${n}s/\"time\":\"2026/\"time\":\"2025/" "$audit"
	run "$TENANTRY" verify "$(basename "$first")"
	[[ $STATUS = 1 ]] && grep -q "audit.ndjson:$n: " out && ((found++))
	cp kept/"$(basename "$first")"/audit.ndjson "$audit"
done
check "a byte of any of the $lines lines is found, and the line named" test "$found" = "$lines"
sed -i '5d' "$audit"
tampered "a line is gone" "audit.ndjson" "is not in the audit"
sed -i '$d' "$audit"
tampered "the last line is gone" "$audit" "the closing line is missing"
sed -i '6{h;d};7G' "$audit"
tampered "two lines changed places" "audit.ndjson" "seq is not"
truncate -s -1 "$audit"
tampered "the last line break is gone" "$audit" "line break"

# Somebody who knows the format makes the whole chain anew: the ledger still has the last hash and the journal.
before=$(head -1 "$audit" | jq -r .prev) changed=
while read -r line; do
	[[ -z $changed && $line = *CreateTenant* ]] && changed=yes line=${line/main\/OI-/main\/OI-9}
	line=$(jq -c --arg prev "$before" '.prev = $prev' <<<"$line")
	before=$(printf %s "$line" | sha256sum | cut -d' ' -f1)
	echo "$line"
done <"$audit" >anew && mv anew "$audit"
tampered "a chain made anew" "$audit" "item is not what the ledger's journal has"

# The ledger changed by hand, the files as they were.
changed_ledger() {
	sqlite3 var/test.db "$2" >/dev/null
	expect "$1" 1 "$TENANTRY" verify all
	says "$1: it says what" "$3"
	rm -f var/test.db var/test.db-wal var/test.db-shm
	cp kept.db var/test.db
}
sqlite3 var/test.db "PRAGMA wal_checkpoint(TRUNCATE)" >/dev/null && cp var/test.db kept.db
changed_ledger "a change taken out of the journal" "DELETE FROM steps WHERE id = 3" "journal has no row 3"
changed_ledger "another outcome in the journal" "UPDATE steps SET status = 500 WHERE id = 3" "status is not what the ledger's journal has"
changed_ledger "another item state" "UPDATE run_items SET state = 'failed' WHERE key = 'main/OI-502'" "is failed in the ledger"
changed_ledger "another exit status" "UPDATE runs SET exit_status = 0 WHERE sequence = 1" "exit_status"
changed_ledger "a link taken out of the chain" "DELETE FROM audits WHERE number = 2" "does not follow"
changed_ledger "another copy of run.json" "UPDATE runs SET document = replace(document, '\"done\": 3', '\"done\": 4') WHERE sequence = 1" "what the ledger keeps"
expect "all fits again" 0 "$TENANTRY" verify all

# A folder that privacy.keep removed is no gap in the chain; one that somebody removed is.
rm -r "$second"
expect "a folder is missing" 1 "$TENANTRY" verify all
cp -r "kept/$(basename "$second")" "$second"
sed -i '$aprivacy: {keep: 1d}' job.yaml
expect "a night two days later" 1 "$TENANTRY" run job.yaml --now 2026-11-23T01:30:00Z
check "old folders are gone" test ! -e "$first"
expect "the chain still holds" 0 "$TENANTRY" verify all
says "it says why less was compared" "privacy.keep"
finish
