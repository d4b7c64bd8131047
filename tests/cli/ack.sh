#!/usr/bin/env bash
# Findings over several nights, and what people decide about them: each night its own --now, the same sandbox.
. "$(dirname "$0")/lib.sh"
# tenant N TIER NAME
seeded() { echo "{\"id\": \"0000000$1-1111-4111-8111-111111111111\", \"name\": \"$3\", \"kind\": \"partner\", \"customer_id\": \"$1\", \"tier\": $2,
 \"licensing_mode\": \"per_gb\", \"offering_items\": \"all\", \"pricing\": {\"mode\": \"production\", \"currency\": \"USD\"}}"; }
echo "{\"tenants\": [$(seeded 1 0 'Reseller 1 Ltd'), $(seeded 3 0 'Reseller Three'), $(seeded 4 0 'Reseller 4 Ltd'), $(seeded 5 0 'Reseller 5 Ltd')]}" >"$WORK/seed.json"
start_sandbox --seed "$WORK/seed.json" --now 2026-10-01T00:00:00Z
cd "$WORK" || exit 2
echo "$ORDER_HEADER" >orders.csv
# subscription N TIER [TENANT]
subscription() { echo "S-$1,${3-0000000$1-1111-4111-8111-111111111111},$1,Reseller $1 Ltd,,,$2,Active,1,USD,2026-01-01,,,false,,2026-10-0${4-1}T01:00:00Z"; }
subscriptions() {
	echo "$SUBSCRIPTION_HEADER"
	subscription 1 "${1:-Tier 2}"
	subscription 2 'Tier 1' ''
	subscription 3 'Tier 1'
	subscription 4 'Tier 1'
	subscription 5 'Tier 1'
}
subscriptions >subscriptions.csv
write_job 's/^reconcile:/reconcile:\n  max_age: 0s/'
JOB="--job job.yaml"
# night STATUS NAME DAY: the night of that day
night() {
	touch -d "$3" subscriptions.csv
	NIGHT=$3
	expect "$3, $2" "$1" "$TENANTRY" reconcile job.yaml --now "$3T01:30:00Z"
	REPORT=$(last_run)/run.json
}
report() { jq -r "$1" "$REPORT"; }
finding() { jq -r --arg c "$1" '.findings[] | select(.code == $c) | .id' "$REPORT"; }
# of CODE FILTER: one thing of the finding of that class
of() { jq -r --arg c "$1" ".findings[] | select(.code == \$c) | $2" "$REPORT"; }
shown() { "$TENANTRY" show "$1" $JOB --json | jq -r "$2"; }
ack() { "$TENANTRY" ack "$@" $JOB --now "${NIGHT}T09:00:00Z"; }
COUNTS='.reconciliation | "\(.by_state.open // 0) \(.by_state.acknowledged // 0) \(.by_state.timing // 0); \(.by_news.new // 0) \(.by_news.known // 0) \(.by_news.reopened // 0); \(.before) = \(.by_news.known // 0) + \(.resolved) + \(.left)"'

night 1 "three findings" 2026-10-10
check "all of them are new" test "$(report "$COUNTS")" = "3 0 0; 3 0 0; 0 = 0 + 0 + 0"
TIER=$(finding tier-mismatch) MISSING=$(finding tenant-missing) NAME=$(finding name-drift)
check "with the money in the report's currency" test "$(of tier-mismatch '"\(.money) \(.currency) \(.report_money) \(.report_currency) \(.tier)"')" = "250.00 USD 250.00 USD Tier 2"
night 1 "the next night" 2026-10-11
check "they are known" test "$(report "$COUNTS")" = "3 0 0; 0 3 0; 3 = 3 + 0 + 0"
check "and a day old" test "$(of tier-mismatch '"\(.runs_open) \(.cycles_open) \(.first_seen[:10])"')" = "2 1 2026-10-10"

# ---- One decision at a time.
expect "without a word" 2 ack "$TIER"
expect "without a day" 2 ack "$TIER" --reason x
says "it says what is missing" "the last day is missing"
expect "without a reason" 2 ack "$TIER" --until 2026-11-30
says "it says so" "a reason is missing"
expect "with a day that is over" 2 ack "$TIER" --reason x --until 2026-10-10
says "it says what day it is" "2026-10-10 is over: today is 2026-10-11"
expect "one that nobody knows" 2 ack F-0000000000000000 --reason x --until 2026-11-30
says "it says so too" "the ledger has no finding F-0000000000000000"
expect "nothing to take back" 2 ack "$TIER" --withdraw
says "it says what it is" "is open, not acknowledged"
expect "both a finding and a file" 2 ack "$TIER" --import x.csv
check "nothing of all this was kept" test "$(shown "$TIER" '.findings[0] | "\(.state) \(.history | length)"')" = "open 1"
expect "what would be done" 0 ack "$TIER" --reason "as agreed" --until 2026-11-30 --dry-run
says "it says that it was not" "dry run: nothing was changed"
check "it was not" test "$(shown "$TIER" '.findings[0].state')" = open
expect "accepted" 0 ack "$TIER" --reason "as agreed in contract 17" --until 2026-11-30 --who "Ana Diaz"
says "it says how it is taken back" "--withdraw takes it back"
check "show has why, who and until" test "$(shown "$TIER" '.findings[0] | "\(.state) \(.acknowledged.until) \(.acknowledged.reason) \(.acknowledged.by | contains("Ana Diaz (login "))"')" = "acknowledged 2026-11-30 as agreed in contract 17 true"
expect "the same once more" 0 ack "$TIER" --reason "as agreed in contract 17" --until 2026-11-30 --who "Ana Diaz"
says "changes nothing but the time" "as it was already"
check "and is no second event" test "$(shown "$TIER" '[.findings[0].history[].event] | join(" ")')" = "opened acknowledged"
expect "given to somebody" 0 ack "$MISSING" --owner "Ben Okafor"
check "who owns it now" test "$(shown "$MISSING" '.findings[0] | "\(.owner) \(.state)"')" = "Ben Okafor open"

# ---- Many at once: all or none.
cat >decisions.csv <<-CSV
	Finding Id,Code,Reason,Until,Decision,Assign To
	$TIER,tier-mismatch,,,withdraw,
	$NAME,name-drift,"renamed, see
	the letter",2026-12-31,,Cleo Lind
	$NAME,name-drift,again,2026-12-31,,
	F-00000000000000aa,,why,2026-12-31,,
	$MISSING,tenant-missing,,2026-10-01,,
	$MISSING,tenant-missing,why,31.12.2026,maybe,
	,,why,2026-12-31,,
CSV
expect "a file with errors" 1 ack --import decisions.csv
says "a repeat, with both lines" "decisions.csv:5:1: Finding Id: finding $NAME was decided in line 3 already"
says "one that is not known" "decisions.csv:6:1: Finding Id: the ledger has no finding F-00000000000000aa"
says "a reason that is missing" "decisions.csv:7:35: Reason: a reason is missing"
says "a day that is over" "decisions.csv:7:36: Until: 2026-10-01 is over"
says "a word that is none" 'decisions.csv:8:50: Decision: "maybe" is none of acknowledge, withdraw and nothing'
says "no id" "decisions.csv:9:1: Finding Id: which finding is meant?"
says "nothing was done" "nothing was changed: 6 errors in decisions.csv"
check "nothing was done indeed" test "$(shown "$TIER" '.findings[0].state') $(shown "$NAME" '.findings[0].state')" = "acknowledged open"
expect "as JSON" 1 ack --import decisions.csv --json
check "with places" field "$WORK/out" '"\(.applied) \(.errors | length) \(.errors[0].line) \(.errors[0].column)"' "false 6 5 1"
head -4 decisions.csv >good.csv
expect "the good part, dry" 0 ack --import good.csv --dry-run
says "it counts" "good.csv: 2 rows = 2 that would be applied + 0 unchanged + 0 without a decision"
check "nothing was done" test "$(shown "$NAME" '.findings[0].state')" = open
expect "the good part" 0 ack --import good.csv
check "withdrawn" test "$(shown "$TIER" '.findings[0] | "\(.state) \(.note | contains("withdrawn by"))"')" = "open true"
check "accepted, and given away" test "$(shown "$NAME" '.findings[0] | "\(.state) \(.owner) \(.acknowledged.until)"')" = "acknowledged Cleo Lind 2026-12-31"
# The report itself, with two columns more, is such a file.
awk -v id="$MISSING" 'NR == 1 {print $0 ",Reason,Until"; next} index($0, id) == 1 {print $0 ",on its way,2026-10-12"; next} {print $0 ",,"}' "$(last_run)/findings.csv" >findings.csv
sed "/^$MISSING,/s/,250.00,/,249.99,/" findings.csv >earlier.csv
expect "findings.csv of a night with less at stake" 1 ack --import earlier.csv
says "says what is at stake by now" "Money At Stake: 250.00 USD are at stake by now, not 249.99: look again"
sed "/^$MISSING,/s/,250.00,/,\"1.250,00\",/" findings.csv >earlier.csv
expect "an amount that is none" 1 ack --import earlier.csv
says "says so" "Money At Stake: \"1.250,00\" is no amount"
expect "findings.csv with a reason and a day" 0 ack --import findings.csv
says "the other rows say nothing" "findings.csv: 3 rows = 1 applied + 0 unchanged + 2 without a decision"
expect "a file that is not there" 3 ack --import nowhere.csv

# ---- The nights after.
night 1 "two are accepted" 2026-10-12
check "one counts" test "$(report "$COUNTS")" = "1 2 0; 0 3 0; 3 = 3 + 0 + 0"
says "the verdict counts it" "1 open finding (1 high), 2 acknowledged"
says "the money of both kinds" "At stake     250.00 USD a month"
says "apart" "Acknowledged 2 findings, 250.00 USD a month; the first until 2026-10-12"
check "the CSV has why" grep -q "$NAME.*acknowledged.*\"renamed, see" "$(last_run)/findings.csv"
check "and the HTML" grep -q "on its way" "$(last_run)/report.html"
ack "$TIER" --reason "until the new year" --until 2026-12-31 >/dev/null
night 1 "one acknowledgement is over" 2026-10-13
check "it is open again, and says why" test "$(of tenant-missing '"\(.state) \(.note)"')" = "open acknowledgement expired on 2026-10-12"
check "its owner stays" test "$(of tenant-missing .owner)" = "Ben Okafor"
ack "$MISSING" --reason "still on its way" --until 2026-12-31 >/dev/null
night 0 "all of them are accepted" 2026-10-14
says "and the night is good" "all good: 4 tenants compared, no open findings, 3 acknowledged"

subscriptions 'Promo' >subscriptions.csv
night 1 "one has become another" 2026-10-15
check "the acknowledgement does not cover it" test "$(of tier-mismatch '"\(.state) \(.note | sub(" of .* lifted"; " lifted"))"')" = "open acknowledgement lifted: the sides say something else"
subscriptions 'Tier 1' | grep -v '^S-2' >subscriptions.csv
night 0 "two are gone" 2026-11-02
check "they are resolved" test "$(report "$COUNTS")" = "0 1 0; 0 1 0; 3 = 1 + 2 + 0"
check "and listed" test "$(report '[.resolved[] | .code + " " + .resolved_how] | sort | join(", ")')" = "tenant-missing gone, tier-mismatch gone"
check "the accepted one is older by a month" test "$(of name-drift '"\(.runs_open) \(.cycles_open)"')" = "7 2"
says "its age is told" "Acknowledged 1 finding"
expect "a decision for one that is gone" 2 ack "$TIER" --reason x --until 2026-12-31
says "it says since when" "is resolved since 2026-11-02 (run "
echo "Finding Id,Reason,Until
$MISSING,x,2026-12-31" >late.csv
expect "and in a file" 1 ack --import late.csv
says "it says where" "late.csv:2:1: Finding Id: finding $MISSING is resolved since 2026-11-02"
subscriptions 'Tier 2' | grep -v '^S-2' >subscriptions.csv
night 1 "one is back" 2026-12-20
check "it is reopened, and nobody accepts it any more" test "$(of tier-mismatch '"\(.state) \(.news) \(.times_reopened) \(.first_seen[:10]) \(.opened_at[:10]) \(.ack_until)"')" = "open reopened 1 2026-10-10 2026-12-20 "
check "it is 71 days old" grep -q '61-90 days: 1 high, 250.00 USD' "$WORK/out"
check "in the record too" test "$(report '.reconciliation.open_by_age[] | select(.days == "61-90") | "\(.high.findings) \(.high.money.USD)"')" = "1 250.00"
night 1 "the last day of the other is over" 2027-01-01
check "it comes back by itself" test "$(of name-drift '"\(.state) \(.note)"')" = "open acknowledgement expired on 2026-12-31"

# ---- The whole history, and what can be done.
expect "show" 0 "$TENANTRY" show "$TIER" $JOB
says "what to do" "what_to_do     Find out which tier was agreed"
says "and with what" "tenantry ack $TIER --reason TEXT --until DATE --job job.yaml"
says "when it was accepted" "2026-10-11T09:00:0"
check "all that happened" test "$(shown "$TIER" '[.findings[0].history[].event] | join(" ")')" = "opened acknowledged withdrawn acknowledged lifted resolved reopened"
check "each with its run" test "$(shown "$TIER" '[.findings[0].history[] | select(.run == null)] | length')" = 0
expect "a healthy account" 0 "$TENANTRY" show 5 $JOB
says "its subscription is known" "subscription   S-5"
says "its tenant is known" "00000005-1111-4111-8111-111111111111"
says "that nothing is open" "open_findings  none"
expect "its tenant" 0 "$TENANTRY" show 00000005-1111-4111-8111-111111111111 $JOB
says "has its tier" "tier           Tier 1"

# ---- The cut-off: what was changed just now may be a matter of timing.
sed -i 's/^reconcile:/reconcile:\n  cut_off: 6h/' job.yaml
subscription 5 'Tier 2' >five
sed -i -e '/^S-5/d' subscriptions.csv
sed 's/2026-10-01T01:00:00Z/2027-01-01T22:00:00Z/' five >>subscriptions.csv
sed -i -e 's/^S-1,\(.*\)Tier 2/S-1,\1Tier 1/' -e 's/Reseller 3 Ltd/Reseller Three/' subscriptions.csv
night 0 "changed four hours ago" 2027-01-02
check "that is timing" test "$(of tier-mismatch '"\(.state) \(.account_id)"')" = "timing 5"
says "it is told" "Timing       1 finding, 250.00 USD a month"
night 1 "and still there" 2027-01-03
check "now it is open" test "$(of tier-mismatch '"\(.state) \(.runs_open)"')" = "open 2"
check "and its history says so" test "$(shown "$(finding tier-mismatch)" '[.findings[0].history[].event] | join(" ")')" = "timing opened"

# ---- By class and by tier.
sed -i 's/^reconcile:/reconcile:\n  classes:\n    - {code: tier-mismatch, owner: sales}\n    - {code: tier-mismatch, tier: Tier 2, severity: low, fail_on: never}/' job.yaml
night 0 "it is not so grave" 2027-01-04
check "severity and owner are the job's" test "$(of tier-mismatch '"\(.severity) \(.owner) \(.state)"')" = "low sales open"
sed -i 's/fail_on: never}/fail_on: low}/' job.yaml
night 1 "but it fails the night" 2027-01-05
says "the job's owner is told" "low     tier-mismatch                    1 sales"

# ---- A tenant finds the order that made it.
orders 9 >orders.csv
expect "an order is done" 1 "$TENANTRY" run job.yaml --now 2027-01-05T02:00:00Z
expect "its tenant" 0 "$TENANTRY" show "$(jq -r '.items[0].tenant_id' "$(last_run)/run.json")" $JOB
says "names the order" "order          ORD-9"
says "and what it made" "tier_we_set    Tier 1"
expect "the nights and the decisions hold" 0 "$TENANTRY" verify all $JOB
expect "a report again" 0 "$TENANTRY" report last $JOB --format json
finish
