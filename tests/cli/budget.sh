#!/usr/bin/env bash
# The budget for loss: a fleet that is asked to be switched off stays on, everything else of the night goes on, and only a
# person lets it pass. Over nights, retries, plans and corrections, and whatever an order calls itself.
. "$(dirname "$0")/lib.sh"
cd "$WORK" || exit 2
export TENANTRY_JOB=$WORK/job.yaml
FLEET=300
# Each reseller has two end customers, one below a folder.
jq -n --argjson n $FLEET 'def hex($w): tostring | ("0" * ($w - length)) + .;
	{tenants: [range(1; $n + 1) as $i | ("\($i)" | hex(12)) as $t |
		{id: "00000001-0000-4000-8000-\($t)", name: "Reseller \($i) Ltd", kind: "partner", customer_id: "\($i)", tier: 1,
			licensing_mode: "per_gb", pricing: {mode: "production", currency: "USD"}},
		{id: "00000002-0000-4000-8000-\($t)", name: "Shop \($i)", kind: "customer", parent: "00000001-0000-4000-8000-\($t)"},
		{id: "00000003-0000-4000-8000-\($t)", name: "Folder", kind: "folder", parent: "00000001-0000-4000-8000-\($t)"},
		{id: "00000004-0000-4000-8000-\($t)", name: "Depot \($i)", kind: "customer", parent: "00000003-0000-4000-8000-\($t)"}]}' >seed.json
tenant() { printf '00000001-0000-4000-8000-%012d' "$1"; }
subscription() { echo "S-$1,$(tenant "$1"),$1,Reseller $1 Ltd,admin@r$1.example.com,${2:-CCSP-T2},${3:-Tier 2},${4:-Active},1,USD,2026-01-01,,,,Synchronized,"; }
{
	echo "$SUBSCRIPTION_HEADER"
	for ((i = 1; i <= FLEET; i++)); do subscription "$i"; done
} >subscriptions.csv
# change ACTION N [TIER [START]]: an order that changes the contract of account N
change() { echo "ORD-$1-$2,OI-$1-$2,2026-11-18,Submitted,BSS,$1,$2,Reseller $2 Ltd,true,,,${3:-},1,USD,admin@r$2.example.com,,,,,$2 Main Street,,Boston,,02110,US,true,S-$2,${4:-}"; }
some() { # FIRST LAST COMMAND...: one line each
	local n first=$1 last=$2
	shift 2
	for ((n = first; n <= last; n++)); do "$@" "$n"; done
}
cancel() { change cancel "$1"; }
suspend() { change suspend "$1"; }
disabled() { made UpdateTenant 200; }
run_json() { field "$(last_run)/run.json" "$1" "$2"; }
clock() { touch -d "${1/T*/T00:00:00Z}" subscriptions.csv && NOW=$1; }
job() { write_job 's/commitment: {USD: 500}}/&\n    - {name: Tier 3, product: CCSP-T3, acronis: 2, commitment: {USD: 1000}}/' \
	's/^reconcile:/provision: {max_changes: 2000}\nreconcile:\n  fail_on: never/' 's/min_coverage: 95%/min_coverage: 0%/' \
	's/formats: .*/formats: [html, json]}/' "s/^steps:.*/steps: [${1}]/"; }
job "validate, provision, reconcile, report"
start_sandbox --seed seed.json
held() { jq -r '[.items[] | select(.reason == "held-back")] | length' "$(last_run)/run.json"; }
clock 2026-11-20T01:30:00Z

# ---- 300 of 300, and three resellers who want to begin, and one who wants more.
{
	orders 901 902 903
	some 1 "$FLEET" cancel
	change upgrade 1 "Tier 3" | sed 's/ORD-upgrade-1,/ORD-0-1,/'
} >orders.csv
expect "check" 0 "$TENANTRY" check job.yaml --now "$NOW"
says "check says the budget" "6: 2% of 300 live contracts, at least 5, at most 25; 0 used in the last 24 hours"
expect "a plan of it" 0 "$TENANTRY" plan job.yaml --now "$NOW" -o fleet.plan
says "the plan shows it before" "300 held back"
says "and how to let it pass" "--allow-disables"
expect "a dry run" 0 "$TENANTRY" run job.yaml --now "$NOW" --dry-run
says "foresees it" "300 would be held back by max_disables"
expect "the fleet is asked to be switched off" 5 "$TENANTRY" run job.yaml --now "$NOW" --yes
check "no tenant was touched" test "$(disabled)" = 0
check "the new resellers were made" test "$(made CreateTenant 201)" = 3
check "three done" run_json '.provision.done' 3
check "counts close" counts_close "$(last_run)/run.json"
check "300 held, none parked" test "$(held) $(jq .provision.parked "$(last_run)/run.json")" = "300 0"
check "they are not accepted" run_json '[.items[] | select(.reason == "held-back") | .state] | unique | join(" ")' received
says "how many" "300 disables are asked for (300 cancel), 0 were in the last 24 hours, more than max_disables (6: 2% of 300 live contracts"
says "which" "ORD-cancel-1 (account 1)"
says "what money" "150,000.00 USD of minimum commitments a month"
says "how many end customers" "600 end customers"
says "the command" "tenantry run job.yaml --allow-disables 300"
check "run.json has it" run_json '.budget | "\(.asked) \(.cancel) \(.held) \(.limit) \(.used) \(.end_customers) \(.commitments[0].amount)"' "300 300 300 6 0 600 150000.00"
check "report.html has it" grep -q 'Held back' "$(last_run)/report.html"
check "the night was compared" run_json '.reconciliation != null' true
job "validate, provision, report"
check "the audit has the stop" jq -se '[.[] | select(.event == "safety-stop")] | length == 1' "$(last_run)/audit.ndjson"
check "what follows on the same account waits" run_json '.items[] | select(.order_id == "ORD-0-1") | .text' \
	"waits for order item main/OI-cancel-1 of the same account, which was held back"
cp "$(last_run)/report.html" before.html
expect "the report again" 0 "$TENANTRY" report last --format html
check "is the same" cmp before.html "$(last_run)/report.html"
run "$TENANTRY" run job.yaml --now "$NOW" --quiet
says "a mail names them" "held back: ORD-cancel-1 (account 1)"
says "and what stands behind" "600 end customers"
expect "the audit fits" 0 "$TENANTRY" verify all

# ---- Nothing lets it pass but the number.
expect "299 are not 300" 5 "$TENANTRY" run job.yaml --now "$NOW" --allow-disables 299
check "still none" test "$(disabled)" = 0
expect "max_changes does not" 5 "$TENANTRY" run job.yaml --now "$NOW" --max-changes 5000
expect "a retry of it" 5 "$TENANTRY" retry last --now "$NOW"
says "names its own command" "tenantry retry"
check "still none, in a retry" test "$(disabled)" = 0
run "$TENANTRY" plan job.yaml --now "$NOW" -o fleet.plan
expect "the plan of now, applied" 5 "$TENANTRY" apply fleet.plan --now "$NOW"
says "is held too" "none of them was done"
says "its own command" "tenantry apply fleet.plan --allow-disables 300"
expect "a plan of what may pass" 0 "$TENANTRY" plan job.yaml --now "$NOW" -o fleet.plan --allow-disables 300
says "says what lets it pass" "tenantry apply fleet.plan --allow-disables 300"
check "still none, by a plan" test "$(disabled)" = 0
expect "with a stop by max_changes" 5 "$TENANTRY" run job.yaml --now "$NOW" --allow-disables 300 --max-changes 10
check "both are asked for" test "$(disabled)" = 0

# ---- Few pass, and count for a day.
{ echo "$ORDER_HEADER" && some 1 4 suspend; } >orders.csv
expect "four, and the upgrade that waited is gone" 1 "$TENANTRY" run job.yaml --now "$NOW"
says "which is told" "decide OI-upgrade-1 --skip"
expect "it is skipped" 0 "$TENANTRY" decide OI-upgrade-1 --skip --reason "no longer ordered" --now "$NOW"
check "are suspended" test "$(disabled)" = 4
check "against the budget" run_json '.budget | "\(.asked) \(.used) \(.held)"' "4 0 0"
clock 2026-11-20T13:30:00Z
{ echo "$ORDER_HEADER" && some 11 13 suspend; } >orders.csv
expect "three more the same day" 5 "$TENANTRY" run job.yaml --now "$NOW"
says "what was before counts" "3 disables are asked for (3 suspend), 4 were in the last 24 hours"
check "none of the three" test "$(disabled)" = 4
{ echo "$ORDER_HEADER" && some 11 12 suspend; } >orders.csv
expect "two more fit" 0 "$TENANTRY" run job.yaml --now "$NOW"
check "six" test "$(disabled)" = 6
# What is printed lets pass what was asked for, when it is pasted as it stands.
{ echo "$ORDER_HEADER" && some 13 16 suspend; } >orders.csv
expect "three of four" 5 "$TENANTRY" run job.yaml --now "$NOW" --limit 3
says "are let pass as three of four" "tenantry run job.yaml --limit 3 --allow-disables 3"
expect "two of them" 5 "$TENANTRY" retry last --now "$NOW" --order OI-suspend-13 --order OI-suspend-14
says "are let pass as these two" "job.yaml --order OI-suspend-13 --order OI-suspend-14 --allow-disables 2"
# A ledger that is lost and made anew does not make the budget whole; what it had accepted for later is still accepted.
{ echo "$ORDER_HEADER" && some 13 13 suspend; } >orders.csv
mkdir aside && mv var/test.db* aside/
# Whether what was skipped is asked about again depends on which run of that second is taken for the newest.
run "$TENANTRY" rebuild job.yaml --now "$NOW"
says "a new ledger in the middle of a day" "the new ledger is"
expect "one more on it" 5 "$TENANTRY" run job.yaml --now "$NOW"
says "what the lost one had done counts" "6 were in the last 24 hours"
check "still six" test "$(disabled)" = 6
rm var/test.db* && mv aside/* var/
clock 2026-11-19T13:30:00Z
{ echo "$ORDER_HEADER" && some 21 21 cancel; } >orders.csv
expect "a clock that was set back" 5 "$TENANTRY" run job.yaml --now "$NOW"
says "is said" "dated later than now"
clock 2026-11-21T13:30:01Z
expect "a day later the budget is whole" 0 "$TENANTRY" run job.yaml --now "$NOW"
check "seven" test "$(disabled)" = 7

# ---- Tiers: a step down is none, several in a day are; and the words of an order do not matter.
clock 2026-11-25T01:30:00Z
drop() { change downgrade "$1" "Tier 1"; }
tier_sets() { made UpdateTenantApplicationSetting 200; }
{ echo "$ORDER_HEADER" && some 31 60 drop; } >orders.csv
sed -i 's/^contract:/contract:\n  downgrade: at_once/' job.yaml
before=$(tier_sets)
expect "thirty drops of one step" 0 "$TENANTRY" run job.yaml --now "$NOW"
check "are done" test "$(tier_sets)" = "$((before + 30))"
{
	echo "$ORDER_HEADER"
	for ((i = 31; i <= 60; i++)); do change downgrade "$i" "Tier 0" | sed "s/downgrade-$i,/again-$i,/g"; done
} >orders.csv
for ((i = 31; i <= 60; i++)); do sed -i "s/^S-$i,\(.*\),CCSP-T2,Tier 2,/S-$i,\1,CCSP-T1,Tier 1,/" subscriptions.csv; done
clock "$NOW"
expect "the next step on the same day" 5 "$TENANTRY" run job.yaml --now "$NOW"
says "is a drop of several" "30 disables are asked for (30 tier-drop)"
check "none" test "$(tier_sets)" = "$((before + 30))"
# The BSS believes these to be on Tier 0, so to it they go up; Acronis has them on Tier 3.
clock 2026-11-27T01:30:00Z
drift() { admin drift -X POST -H 'Content-Type: application/json' -d "$1" >/dev/null; }
for ((i = 61; i <= 80; i++)); do
	drift "{\"tenant\": \"$(tenant $i)\", \"tier\": 2}"
	sed -i "s/^S-$i,\(.*\),CCSP-T2,Tier 2,/S-$i,\1,CCSP-T0,Tier 0,/" subscriptions.csv
done
clock "$NOW"
{ echo "$ORDER_HEADER" && for ((i = 61; i <= 80; i++)); do change upgrade "$i" "Tier 1"; done; } >orders.csv
before=$(tier_sets)
expect "twenty upgrades that lead down" 5 "$TENANTRY" run job.yaml --now "$NOW"
check "end with the budget" test "$(tier_sets)" = "$((before + 6))"
check "the others were held at the moment" run_json '"\(.provision.done) \(.budget.held) \(.provision.parked) \(.provision.failed)"' "6 14 0 0"
says "it says so" "14 disables were met while the plan was carried out"
says "and what stands behind these" "10,500.00 USD of minimum commitments a month; 28 end customers"
check "run.json has that too" run_json '.budget | "\(.asked) \(.tier_drop) \(.held) \(.end_customers)"' "14 14 14 28"
expect "let pass" 0 "$TENANTRY" run job.yaml --now "$NOW" --allow-disables 14
check "all twenty" test "$(tier_sets)" = "$((before + 20))"
check "and noted" jq -se '[.[] | select(.event == "limit-raised")] | length == 1' "$(last_run)/audit.ndjson"

# A tier that cannot be read is not written over: nobody knows how far down that leads.
clock 2026-11-28T01:30:00Z
for ((i = 81; i <= 100; i++)); do
	drift "{\"tenant\": \"$(tenant $i)\", \"settings\": {\"tier_level_value\": \"2\"}}"
	sed -i "s/^S-$i,\(.*\),CCSP-T2,Tier 2,/S-$i,\1,CCSP-T0,Tier 0,/" subscriptions.csv
done
clock "$NOW"
{ echo "$ORDER_HEADER" && for ((i = 81; i <= 100; i++)); do change upgrade "$i" "Tier 1"; done; } >orders.csv
before=$(tier_sets)
run "$TENANTRY" run job.yaml --now "$NOW"
check "twenty tiers as text: none is written over" test "$(tier_sets) $(jq '[.items[] | select(.reason == "unreadable")] | length > 0' "$(last_run)/run.json")" = "$before true"
check "it says why" run_json '[.items[].text | contains("tier_level_value is there and is no whole number")] | all' true
for ((i = 81; i <= 100; i++)); do drift "{\"tenant\": \"$(tenant $i)\", \"tier\": 0}"; done
expect "read again, they are done" 0 "$TENANTRY" run job.yaml --now "$NOW"

# ---- A day to come counts in the night that accepts it, not on the day itself.
clock 2026-11-29T01:30:00Z
later() { change cancel "$1" "" 2026-12-05; }
before=$(disabled)
{ echo "$ORDER_HEADER" && some 101 130 later; } >orders.csv
expect "thirty are to be accepted for later" 5 "$TENANTRY" run job.yaml --now "$NOW"
check "none is" run_json '"\(.provision.deferred) \(.budget.held)"' "0 30"
{ echo "$ORDER_HEADER" && some 101 106 later; } >orders.csv
expect "six are accepted" 0 "$TENANTRY" run job.yaml --now "$NOW"
check "for their day" run_json '.provision.deferred' 6
{ echo "$ORDER_HEADER" && some 101 106 later && some 107 107 cancel; } >orders.csv
expect "they have used up the day" 5 "$TENANTRY" run job.yaml --now "$NOW"
check "and are still accepted" run_json '"\(.provision.deferred) \(.budget.held)"' "6 1"
clock 2026-12-05T01:30:00Z
{ echo "$ORDER_HEADER" && some 101 106 later && some 111 116 cancel; } >orders.csv
expect "on their day they do not count again" 0 "$TENANTRY" run job.yaml --now "$NOW"
check "twelve" test "$(disabled)" = "$((before + 12))"

# ---- Corrections.
clock 2026-12-08T01:30:00Z
echo "$ORDER_HEADER" >orders.csv
for ((i = 201; i <= 230; i++)); do sed -i "/^S-$i,/s/,Active,/,Suspended,/" subscriptions.csv; done
clock "$NOW"
run "$TENANTRY" reconcile job.yaml --now "$NOW" --propose fixes.yaml
sed -i 's/^    do: no/    do: no/; /class: "suspended-but-enabled"/,/do:/s/do: no/do: yes/' fixes.yaml
check "thirty corrections" test "$(grep -c '^    do: yes' fixes.yaml)" = 30
before=$(disabled)
expect "a dry run of them" 0 "$TENANTRY" apply job.yaml fixes.yaml --now "$NOW" --dry-run
says "foresees it" "30 would be held back by max_disables"
expect "thirty disables by correction" 5 "$TENANTRY" apply job.yaml fixes.yaml --now "$NOW" --yes
says "the command" "tenantry apply job.yaml fixes.yaml --allow-disables 30"
says "who stands behind" "60 end customers"
check "none is made" test "$(disabled) $(jq '[.corrections.fixes[] | select(.reason == "held-back")] | length' "$(last_run)/run.json")" = "$before 30"
expect "let pass" 0 "$TENANTRY" apply job.yaml fixes.yaml --now "$NOW" --allow-disables 30
check "all are made" test "$(disabled)" = "$((before + 30))"
clock 2026-12-08T12:30:00Z
{ echo "$ORDER_HEADER" && some 231 231 cancel; } >orders.csv
expect "they count for the orders of the day" 5 "$TENANTRY" run job.yaml --now "$NOW"

# ---- And 300 that are meant.
clock 2026-12-12T01:30:00Z
{ echo "$ORDER_HEADER" && for ((i = 1; i <= FLEET; i++)); do cancel "$i" | sed 's/-cancel-/-end-/g'; done; } >orders.csv
sed -i 's/,Suspended,/,Active,/' subscriptions.csv
clock "$NOW"
expect "299 are not 300, again" 5 "$TENANTRY" run job.yaml --now "$NOW" --allow-disables 299
expect "300 pass" 0 "$TENANTRY" run job.yaml --now "$NOW" --allow-disables 300
check "all are done" run_json '.provision.done' 300
check "the record says it" run_json '.budget | "\(.passed) \(.allow_disables) \(.held)"' "true 300 0"
check "the audit says it" jq -se '[.[] | select(.event == "limit-raised")][0].detail | contains("300 disables are asked for")' "$(last_run)/audit.ndjson"
check "it is for that run alone" test "$(sqlite3 var/test.db "SELECT count(*) FROM events WHERE event = 'limit-raised'")" = 3
expect "all audits fit" 0 "$TENANTRY" verify all
finish
