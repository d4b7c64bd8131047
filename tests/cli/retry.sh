#!/usr/bin/env bash
# Reruns: what failed, what was not begun and what is in doubt is done again, from the newest source, and nothing twice.
. "$(dirname "$0")/lib.sh"
start_sandbox
cd "$WORK" || exit 2
JOB="--job job.yaml --now $NOW"
fault() { admin faults -X POST -H 'Content-Type: application/json' -d "{\"add\": [\"$1\"]}" >/dev/null; }
# state ITEM: state and reason of an order item in the ledger
state() { "$TENANTRY" show "$1" --job job.yaml --json | jq -r '.orders[0] | .state + " " + (.reason // "")'; }
mails() { admin mails | jq '.mails | length'; }

orders $(seq 401 406) >orders.csv
write_job 's/^contract:/provision: {batch_size: 2, max_errors: 1}\ncontract:/'
expect "retry before any run" 3 "$TENANTRY" retry last $JOB
fault "UpdateTenantPricingSettings:500:count=0"
expect "a night that is stopped" 5 "$TENANTRY" run job.yaml --now $NOW
says "it says how to go on" "--yes"
check "and first of all why" test "$(grep -n 'tenantry' "$WORK/out" | head -1 | cut -d: -f2- | xargs)" = "tenantry show failed --job job.yaml"
says "then what to do when the cause is gone" "tenantry retry $(basename "$(last_run)") --job job.yaml"
first=$(basename "$(last_run)")
check "two failed" field "$(last_run)/run.json" .provision.failed 2
check "four were not started" field "$(last_run)/run.json" .provision.not_started 4
check "the record has them" field "$(last_run)/run.json" '[.items[] | select(.reason == "not-started")] | length' 4

expect "an unknown run" 2 "$TENANTRY" retry 20200101T000000Z-000000 $JOB
expect "an order that the run does not have" 2 "$TENANTRY" retry last --order ORD-999 $JOB
expect "a batch that the run does not have" 2 "$TENANTRY" retry last --batch 9 $JOB
expect "a code that there is none" 2 "$TENANTRY" retry last --code unavailabel $JOB
says "it names the nearest" "unavailable"
expect "a dry run" 0 "$TENANTRY" retry last --dry-run $JOB
says "a dry run lists six" "6 to do"
before=$(changes)
expect "nothing with this code" 1 "$TENANTRY" retry last --code refused $JOB
says "it says so" "nothing to do again"
says "and what waits all the same" "2 failed and 4 not begun of run $first still wait: tenantry retry $first --job job.yaml"
expect "as JSON" 1 "$TENANTRY" retry last --code refused --json $JOB
check "with its counts" field "$WORK/out" '.still_waiting | "\(.run) \(.failed) \(.not_begun) \(.in_doubt)"' "$first 2 4 0"
expect "show failed" 0 "$TENANTRY" show failed --job job.yaml --json
check "has both" field "$WORK/out" '[.orders[] | .item + " " + .state] | join(", ")' "main/OI-401 failed, main/OI-402 failed"
check "each with what tries it again" field "$WORK/out" '.orders[1].commands[0]' "tenantry retry $first --order OI-402 --job job.yaml"
expect "show failed as text" 0 "$TENANTRY" show failed --job job.yaml
says "has the cause" "unavailable"
check "and asked for nothing" test "$(changes)" = "$before"

faults_off
expect "one order again" 1 "$TENANTRY" retry last --order ORD-401 $JOB
retried=$(last_run)
check "its verdict tells what else waits" test "$(tail -1 "$WORK/out")" = "a person must look: 1 order done, 1 failed and 4 not begun of run $first still wait"
check "and its record" field "$retried/run.json" '.verdict, .exit_status, (.still_waiting | .run, .failed, .not_begun, .in_doubt)' "$(printf '%s\n' "$(tail -1 "$WORK/out")" 1 "$first" 1 4 0)"
says "and the next step" "tenantry retry $first --job job.yaml"
check "and the page" grep -q "1 failed and 4 not begun of run $first still wait" "$retried/report.html"
expect "the report again" 0 "$TENANTRY" report "$(basename "$retried")" --format html --job job.yaml
check "has it, too" grep -q "1 failed and 4 not begun of run $first still wait" "$retried/report.html"
expect "a retry of the retry" 1 "$TENANTRY" retry last $JOB
says "has nothing to do, and knows its night" "1 failed and 4 not begun of run $first still wait"
check "only that one was done" field "$retried/run.json" .provision.done 1
check "all others were not selected" field "$retried/run.json" '.intake.ignored_by_reason["not-selected"]' 5
check "its counts close" counts_close "$retried/run.json"
check "its record names the run" field "$retried/run.json" .run.retry_of "$first"
check "no reconciliation" field "$retried/run.json" .reconciliation null
expect "quietly" 1 "$TENANTRY" retry "$first" --code refused --quiet $JOB
says "what waits is said all the same" "still wait"
expect "the rest, by the failed one's code" 1 "$TENANTRY" retry "$first" --code unavailable $JOB
check "one was left with it" field "$(last_run)/run.json" .provision.done 1
says "the others wait" "4 not begun of run $first still wait"
expect "show failed, of none" 0 "$TENANTRY" show failed --job job.yaml --json
check "is empty" field "$WORK/out" '.orders | length' 0

# Read again from the newest source: gone, no longer pending, changed, rejected.
fault "CreateUser:500:count=0"
expect "the four not begun: three fail now" 5 "$TENANTRY" retry "$first" --code not-started --max-errors 1 $JOB
says "it stops at the first batch" "max_errors"
check "two failed, two were not begun" field "$(last_run)/run.json" '.provision | "\(.failed) \(.not_started)"' "2 2"
second=$(basename "$(last_run)")
faults_off
{
	echo "$ORDER_HEADER"
	order 403 | sed 's/Boston/Chicago/'
	order 405 | sed 's/,Submitted,/,Executed,/'
	order 406 | sed 's/,1,USD,/,2,USD,/'
	order 407
	echo 'a row that cannot be read'
} >orders.csv
expect "from a source that moved" 1 "$TENANTRY" retry "$second" $JOB --max-errors 100
moved=$(last_run)
check "its counts close" counts_close "$moved/run.json"
check "changed: parked" test "$(state OI-403)" = "parked order-changed"
check "gone: parked" test "$(state OI-404)" = "parked order-gone"
check "no longer pending: parked" test "$(state OI-405)" = "parked order-gone"
check "rejected: with its code" field "$moved/run.json" .intake.rejected_by_rule[\"quantity-not-one\"] 1
check "rejected: not provisioned" test "$(state OI-406)" = "accepted not-started"
check "others were not touched" test "$(made CreateTenant 201)" = 4
says "the next step names the retry" "--include-parked"

# Put right in the source, and again.
orders $(seq 401 407) >orders.csv
expect "parked ones are left, and a person must look" 1 "$TENANTRY" retry "$(basename "$moved")" $JOB
check "the corrected one is done" test "$(state OI-406)" = "done "
expect "and now they are tried" 0 "$TENANTRY" retry "$(basename "$moved")" --include-parked $JOB
for n in 403 404 405; do check "OI-$n is done" test "$(state OI-$n)" = "done "; done
expect "nothing is left" 0 "$TENANTRY" retry last $JOB
says "nothing is left, it says so" "nothing to do again"
check "six tenants, none twice" test "$(made CreateTenant 201)" = 6
check "six users, none twice" test "$(made CreateUser 200)" = 6
check "six mails, none twice" test "$(mails)" = 6

# A run that is killed, and a retry of one that is at work.
before=$(made CreateUser)
fault "CreateUser:slow:for=30s"
"$TENANTRY" run job.yaml --now $NOW >/dev/null 2>&1 &
RUN_PID=$!
PIDS+=("$RUN_PID")
for ((i = 0; i < 500; i++)); do
	[[ $(made CreateUser) -gt $before ]] && break
	read -rt 0.02 <> <(:) || true
done
expect "a retry of a run at work" 4 "$TENANTRY" retry last $JOB
says "it says what is there" "still at work"
expect "a decision while a run is at work" 4 "$TENANTRY" decide OI-401 --skip --reason x $JOB
expect "a rebuild while a run is at work" 4 "$TENANTRY" rebuild job.yaml
expect "unlock of a run at work" 4 "$TENANTRY" unlock job.yaml
kill -KILL "$RUN_PID"
wait "$RUN_PID" 2>/dev/null
faults_off
expect "a retry of the killed run" 0 "$TENANTRY" retry last --code in-doubt $JOB
check "the order is done" test "$(state OI-407)" = "done "
check "seven tenants" test "$(made CreateTenant 201)" = 7
check "seven mails" test "$(mails)" = 7
expect "unlock with nothing to unlock" 0 "$TENANTRY" unlock job.yaml
says "it says that nothing is locked" "is not locked"

# --yes lets a stop pass once, and the record says so.
orders $(seq 411 416) >orders.csv
expect "more than max_changes" 5 "$TENANTRY" run job.yaml --now $NOW --max-changes 2
expect "more than max_changes, with --yes" 0 "$TENANTRY" run job.yaml --now $NOW --max-changes 2 --yes
check "the record says what was raised" grep -q '"raised": "6 actions are planned, more than max_changes (2)"' "$(last_run)/run.json"
orders $(seq 421 426) >orders.csv
fault "UpdateTenantPricingSettings:500:count=0"
expect "more than max_errors, with --yes" 5 "$TENANTRY" run job.yaml --now $NOW --yes
check "a second stop holds" field "$(last_run)/run.json" .provision.failed 4
check "the record says which was raised" grep -q '"raised": "2 of 2 actions failed' "$(last_run)/run.json"
faults_off

# The limits of the first run count for its retries, unless others are given.
orders 431 432 433 >orders.csv
fault "UpdateTenantPricingSettings:500:count=0"
expect "a limit on the command line" 5 "$TENANTRY" run job.yaml --now $NOW --max-errors 0
expect "is the retry's too" 5 "$TENANTRY" retry last $JOB
check "its record has it" field "$(last_run)/run.json" .run.max_errors 0
expect "unless another is given" 1 "$TENANTRY" retry last $JOB --max-errors 50
faults_off
for gone in $("$TENANTRY" show parked --json --job job.yaml | jq -r ".orders[].item"); do "$TENANTRY" decide "$gone" --skip --reason "no longer ordered" --quiet $JOB; done
expect "and it ends well" 0 "$TENANTRY" retry last $JOB

# One batch of a night: the other one waits, and the verdict says so.
orders 451 452 453 454 >orders.csv
fault "UpdateTenantPricingSettings:500:count=0"
expect "a night of which all fails" 1 "$TENANTRY" run job.yaml --now $NOW --max-errors 100
night=$(basename "$(last_run)")
faults_off
expect "its first batch again" 1 "$TENANTRY" retry last --batch 1 $JOB
check "is done" test "$(tail -1 "$WORK/out")" = "a person must look: 2 orders done, 2 failed of run $night still wait"
expect "and the rest" 0 "$TENANTRY" retry "$night" $JOB
check "is all good" test "$(tail -1 "$WORK/out")" = "all good: 2 orders done"

# An account's orders are done in their order, whatever is asked for.
{
	echo "$ORDER_HEADER"
	order 431 | sed 's/^ORD-431,OI-431/ORD-441,OI-441/; s/,new,/,suspend,/'
	order 431 | sed 's/^ORD-431,OI-431/ORD-442,OI-442/; s/,new,/,reactivate,/'
} >orders.csv
cat "$WORK"/var/runs/*/subscriptions-import.csv | awk 'NR == 1 || (/,431,/ && /,Active,/)' >subscriptions.csv
fault "UpdateTenant:500:count=0"
expect "a suspension that fails" 1 "$TENANTRY" run job.yaml --now $NOW --max-errors 100
faults_off
expect "what waits behind it" 0 "$TENANTRY" retry last --order OI-442 $JOB
check "both are done" test "$(state OI-441)$(state OI-442)" = "done done "
check "the tenant is enabled at the end" test "$(admin state | jq '[.. | objects | select(.customer_id? == "431")][0].enabled')" = true
finish
