#!/usr/bin/env bash
# Corrections: proposed by reconcile, approved by a person in the file, carried out by apply; every wrong edit refused with its
# place; lost answers, stale versions, kills; what moved is skipped; and the next comparison says what resolved the finding.
. "$(dirname "$0")/lib.sh"
start_sandbox
cd "$WORK" || exit 2
export TENANTRY_JOB=$WORK/job.yaml
orders 401 402 403 404 405 406 407 >orders.csv
write_job 's/min_coverage: 95%/min_coverage: 50%/'
expect "contracts are made" 0 "$TENANTRY" run job.yaml --now $NOW
cp "$(last_run)/subscriptions-import.csv" subscriptions.csv
echo "$ORDER_HEADER" >orders.csv
day=21
drift() { admin drift -X POST -H 'Content-Type: application/json' -d "$1" >/dev/null; }
fault() { admin faults -X POST -H 'Content-Type: application/json' -d "{\"add\": [\"$1\"]}" >/dev/null; }
tenant() { awk -F, -v a="$1" '$3 == a {print $2}' subscriptions.csv; }
status() {
	sed -i "/,$1,Reseller/s/,$2,1,USD/,$3,1,USD/" subscriptions.csv
	touch -d "2026-11-${day}T00:00:00Z" subscriptions.csv
} # ACCOUNT FROM TO
# night [OPTIONS]: the next night's comparison
night() {
	((day++))
	touch -d "2026-11-${day}T00:00:00Z" subscriptions.csv
	run "$TENANTRY" reconcile job.yaml --now "2026-11-${day}T01:30:00Z" "$@"
}
apply() { expect "$1" "$2" "$TENANTRY" apply job.yaml fixes.yaml --now "2026-11-${day}T09:00:00Z" "${@:3}"; }
# yes [CLASS...]: says yes to entries of these classes, to all without any
yes() {
	local class
	[[ $# = 0 ]] && sed -i 's/^    do: no/    do: yes/' fixes.yaml
	for class; do sed -i "/class: \"$class\"/,/do:/s/do: no/do: yes/" fixes.yaml; done
}
refused() { # NAME PLACE WORDS
	apply "$1" 2
	says "$1: the place" "fixes.yaml:$2"
	says "$1: the reason" "$3"
	check "$1: nothing was done" test "$(changes)" = "$before"
	cp fixes.good fixes.yaml
}
line() { grep -n "$1" fixes.yaml | head -1 | cut -d: -f1; }
of() { jq -r --arg c "$1" '.corrections.fixes[] | select(.code == $c) | .'"$2" "$(last_run)/run.json"; }

# ---- One of each class that can be corrected, and one that cannot.
status 401 Active Suspended
status 402 Active Cancelled
drift '{"tenant": "403", "enabled": false}'
drift '{"tenant": "404", "tier": 1}'
drift '{"tenant": "405", "currency": "EUR"}'
drift '{"tenant": "406", "customer_id": "old-406"}'
drift '{"tenant": "407", "name": "Renamed\nelsewhere: \"do: yes\""}'
night --propose fixes.yaml
check "findings" test "$STATUS" = 1
says "it says where the file is" "fixes.yaml"
check "six are proposed" test "$(grep -c '^  - finding:' fixes.yaml)" = 6
check "each says no" test "$(grep -c '^    do: no' fixes.yaml)" = 6
check "the rest are comments with advice" grep -q '^# F-.*name-drift' fixes.yaml
check "a name from outside stays on its line" test "$(grep -vc '^#\|^  #\|^    [a-z]*: \|^  - finding\|^$\|^[a-z_]*: \|^fixes:' fixes.yaml)" = 0
check "the file is for its owner alone" test "$(stat -c %a fixes.yaml)" = 600
check "money at stake" grep -q 'money: "250.00 USD"' fixes.yaml
cp fixes.yaml fixes.good
before=$(changes)
apply "nobody said yes" 0
check "nothing was changed" test "$(changes)" = "$before"
expect "--propose with --dry-run" 2 "$TENANTRY" reconcile job.yaml --propose x.yaml --dry-run

# ---- Edited to what is not allowed.
sed -i "s/change: \"set-tier\"/change: \"delete\"/" fixes.yaml
refused "delete" "$(line '"delete"'):13" "never deletes"
sed -i '/class: "tier-mismatch"/,/do:/s/to: "Tier 1"/to: "Tier 9"/' fixes.yaml
refused "an unknown tier" "$(line 'Tier 9'):9" "no tier of contract.tiers"
sed -i '/class: "tier-mismatch"/,/do:/s/to: "Tier 1"/to: "Tier 2"/' fixes.yaml
refused "another tier than the BSS's" "" "would not close the finding"
sed -i "s/$(tenant 401)/$(tenant 402)/" fixes.yaml
refused "another tenant" "" "is not the finding's tenant"
sed -i '0,/account: "401"/s//account: "402"/' fixes.yaml
refused "another account" "" "is not the finding's account"
{ cat fixes.good && sed -n '/^  - finding/,/do:/p' fixes.good | head -9; } >fixes.yaml
refused "a finding twice" "" "stands here twice, first in line"
sed -i '0,/    do: no/s//    du: no/' fixes.yaml
refused "an unknown key" "$(line 'du: no'):5" "did you mean do?"
sed -i '0,/    do: no/s//    do: perhaps/' fixes.yaml
refused "neither yes nor no" "$(line perhaps)" "expected yes or no"
sed -i '0,/finding: "F-[0-9a-f]*"/s//finding: "F-0000000000000000"/' fixes.yaml
refused "a finding that is none" "" "is no finding of run"
sed -i 's/^job: .*/job: "other"/' fixes.yaml
refused "another job" "" "is not this job"
sed -i 's|^acronis: .*|acronis: "https://eu2-cloud.acronis.com"|' fixes.yaml
refused "another cloud" "" "is not the Acronis of this job"
sed -i 's/^ledger: .*/ledger: "00000000000000000000000000000000"/' fixes.yaml
refused "another ledger" "" "made over another ledger"
sed -i 's/^run: .*/run: "19990101T000000Z-aaaaaa"/' fixes.yaml
refused "another ledger's run" "" "the ledger has no run"
sed -i 's/^tenantry_fixes: .*/tenantry_fixes: 9/' fixes.yaml
refused "another version" "" "version that this program reads"
sed -i '/^fixes:/a\  - [' fixes.yaml
refused "broken YAML" "" "fixes.yaml"

# ---- Dry run, max_changes, then for real with answers lost and versions stale.
yes
apply "a dry run" 0 --dry-run
says "it lists them" "set-tier of"
check "and changes nothing" test "$(changes)" = "$before"
apply "more than max_changes" 5 --max-changes 3
says "says why" "6 actions are planned, more than max_changes"
check "nothing was changed by then" test "$(changes)" = "$before"
fault "UpdateTenant:lost-after:count=1"
fault "UpdateTenant:1001:count=1:nth=2"
fault "UpdateTenantApplicationSetting:lost-before:count=1"
fault "UpdateTenantPricingSettings:500:count=1:commit=yes"
apply "all are carried out" 0
faults_off
check "six done" field "$(last_run)/run.json" '.corrections.done' 6
check "counts close" jq -e '.corrections | .planned == .done + .skipped + .failed + .not_started' "$(last_run)/run.json"
check "the file is among the inputs" jq -e '.inputs[] | select(.role == "fixes") | .rows == 6 and .bytes > 0 and (.digest | length) == 32' "$(last_run)/run.json"
check "who approved how many is in the audit" jq -se '[.[] | select(.event == "corrections")][0] | (.detail | startswith("6 approved, 0 not")) and (.reason | length) == 64' "$(last_run)/audit.ndjson"
check "the changes are in the audit" test "$(jq -s '[.[] | select(.event == "change")] | length' "$(last_run)/audit.ndjson")" -ge 6
check "nothing was deleted" test "$(made DeleteTenant)" = 0
fixed_in=$(basename "$(last_run)")
expect "the audit fits" 0 "$TENANTRY" verify "$fixed_in"
apply "the same file again" 1
check "all are skipped" field "$(last_run)/run.json" '.corrections.skipped' 6
check "as they are so already" test "$(of tier-mismatch reason)" = already-so
before=$(changes)
night
check "what was corrected is found no more" test "$(jq -r '[.findings[].code] | sort | unique | join(" ")' "$(last_run)/run.json")" = "cancelled-but-present name-drift"
check "the history says by what" test "$(sqlite3 var/test.db "select count(*) from finding_events where event = 'resolved' and detail = 'own-fix $fixed_in'")" = 6
apply "a file whose findings are resolved" 2
says "is refused" "is resolved"

# ---- Both sides move on after the file was written.
drift '{"tenant": "403", "enabled": false}'
drift '{"tenant": "404", "tier": 1}'
drift '{"tenant": "405", "currency": "EUR"}'
drift "{\"tenant\": \"$(tenant 401)\", \"enabled\": true}"
night --propose fixes.yaml
check "found again" test "$(grep -c '^  - finding:' fixes.yaml)" = 4
yes
drift '{"tenant": "404", "tier": 5}'       # neither
drift '{"tenant": "405", "currency": "USD"}' # somebody was faster
status 401 Suspended Active                # the BSS changed its mind
apply "the world moved" 1
check "a third value" test "$(of tier-mismatch reason)" = moved
check "already so" test "$(of currency-mismatch reason)" = already-so
check "the BSS says otherwise" test "$(of suspended-but-enabled reason)" = bss-moved
check "what still holds is done" test "$(of active-but-disabled state)" = "done"
expect "show of the run" 0 "$TENANTRY" show last

# ---- Killed before, in and after the call: the same command again ends in the same state, and nothing stays in doubt.
doubt() { sqlite3 -cmd '.timeout 2000' var/test.db 'select count(*) from steps where outcome_at = 0' 2>/dev/null; }
killed() { # NAME FAULT WAIT-FOR(a command) [JOB]
	drift '{"tenant": "404", "tier": 1}'
	fault "$2"
	"$TENANTRY" apply "${4:-job.yaml}" fixes.yaml --now "2026-11-${day}T09:00:00Z" >/dev/null 2>&1 &
	local pid=$! n
	PIDS+=("$pid")
	for ((n = 0; n < 500; n++)); do
		eval "$3" && break
		read -rt 0.02 <> <(:) || true
	done
	kill -9 "$pid"
	wait "$pid" 2>/dev/null
	faults_off
	check "$1: the intent stands" eval "$3"
	run "$TENANTRY" apply job.yaml fixes.yaml --now "2026-11-${day}T09:30:00Z"
	check "$1: then it is done" field "$(last_run)/run.json" '.corrections.done' 1
	check "$1: and nothing is in doubt" test "$(doubt)" = 0
}
drift '{"tenant": "404", "tier": 1}'
night --propose fixes.yaml
yes tier-mismatch
sed 's/settle: .*/settle: 30s/' job.yaml >slow.yaml
sets=$(made UpdateTenantApplicationSetting 200)
killed "killed in a call that was carried out" "UpdateTenantApplicationSetting:slow:for=30s:count=1" '[[ $(doubt) = 1 ]]'
check "it was sent once" test "$(made UpdateTenantApplicationSetting 200)" = "$((sets + 1))"
killed "killed behind a lost answer" "UpdateTenantApplicationSetting:lost-before:count=1" '[[ $(doubt) = 1 ]]' slow.yaml
check "it was sent again" test "$(made UpdateTenantApplicationSetting 200)" = "$((sets + 2))"

# ---- SIGTERM finishes what is in flight; max_errors stops between batches; both are gone on with by the same command.
drift '{"tenant": "404", "tier": 1}'
fault "UpdateTenantApplicationSetting:slow:for=1s:count=1"
"$TENANTRY" apply job.yaml fixes.yaml --now "2026-11-${day}T10:00:00Z" >out 2>err &
pid=$!
PIDS+=("$pid")
for ((n = 0; n < 500; n++)); do
	[[ $(doubt) = 1 ]] && break
	read -rt 0.02 <> <(:) || true
done
kill -TERM "$pid"
wait "$pid"
STATUS=$?
check "SIGTERM: exit status 143" test "$STATUS" = 143
faults_off
check "SIGTERM: the answer was awaited" test "$(doubt)" = 0
apply "SIGTERM: again" 1
check "SIGTERM: it was done" test "$(of tier-mismatch reason)" = already-so
for account in 403 404 405; do drift "{\"tenant\": \"$account\", \"tier\": 1}"; done
night --propose fixes.yaml
yes tier-mismatch
check "three tiers" test "$(grep -c '^    do: yes' fixes.yaml)" = 3
sed 's/^reconcile:/provision: {batch_size: 1}\nreconcile:/' job.yaml >single.yaml
fault "UpdateTenantApplicationSetting:html:count=0"
expect "max_errors" 5 "$TENANTRY" apply single.yaml fixes.yaml --now "2026-11-${day}T09:00:00Z" --max-errors 0
check "stops after the first" field "$(last_run)/run.json" '.corrections | "\(.failed) \(.not_started)"' "1 2"
says "and says how to go on" "give the same file again"
faults_off
apply "the same file again" 0
check "all three" field "$(last_run)/run.json" '.corrections.done' 3
expect "what a finding's history says" 0 "$TENANTRY" show "$(sed -n 's/.*finding: "\(.*\)"/\1/p' fixes.yaml | head -1)" --json
check "its correction" jq -e '.findings[0].corrections | length > 0' out
expect "all audits fit" 0 "$TENANTRY" verify all

# ---- The BSS's external id is wrong: a line for its import.
right=$(tenant 407)
sed -i "s/$right/11111111-2222-4333-8444-555555555555/" subscriptions.csv
night --propose fixes.yaml
check "proposed" grep -q 'change: "set-external-id"' fixes.yaml
yes external-id-mismatch
apply "written for the BSS" 0
check "the line has the right id" grep -q "$right" "$(last_run)/subscriptions-fixes.csv"
check "and it can be read as subscriptions" test "$(head -1 "$(last_run)/subscriptions-fixes.csv")" = "$(head -1 "$(last_run)/../$(basename "$(printf '%s\n' var/runs/*Z-* | head -1)")/subscriptions-import.csv")"
finish
