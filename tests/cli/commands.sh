#!/usr/bin/env bash
# Every command as an operator types it: check, validate, plan, apply, reconcile, report, runs, show; --json, --quiet, --help.
. "$(dirname "$0")/lib.sh"
start_sandbox
cd "$WORK" || exit 2
orders 401 402 403 >orders.csv
order 404 | sed 's/,1,USD,/,2,USD,/' >>orders.csv
write_job

expect "help" 0 "$TENANTRY" --help
for command in run check validate plan apply reconcile report runs show; do
	expect "help of $command" 0 "$TENANTRY" $command --help
	says "help of $command names it" "tenantry $command"
done
expect "version" 0 "$TENANTRY" --version
expect "no command" 2 "$TENANTRY"
"$TENANTRY" plan --help >plan.help
expect "help of a command" 0 "$TENANTRY" help plan
check "it is the command's own" cmp "$WORK/out" plan.help
expect "help" 0 "$TENANTRY" help
expect "help of no command" 2 "$TENANTRY" help reconsile
says "it has a suggestion" "reconcile"
expect "unknown command" 2 "$TENANTRY" reconsile job.yaml
says "the nearest command" "did you mean tenantry reconcile"
expect "unknown option" 2 "$TENANTRY" run job.yaml --dryrun
says "the nearest option" "--dry-run"

expect "check" 0 "$TENANTRY" check job.yaml
says "check tells the cost of an observation" "full observation"
mkdir -p elsewhere && sed "s|^ledger: .*|ledger: elsewhere/bound.db|" job.yaml >bound.yaml
echo "$ORDER_HEADER" >none.csv
sed -i "s|orders: .*|orders: {csv: none.csv}|; s|output: .*|output: elsewhere/runs|" bound.yaml
"$TENANTRY" run bound.yaml --now $NOW >/dev/null 2>&1
expect "check of a ledger that is bound" 0 "$TENANTRY" check bound.yaml
sed -i "s|  name: main|  name: other|" bound.yaml
expect "check of a ledger of another BSS" 3 "$TENANTRY" check bound.yaml
says "it says which" "main"
rm -rf elsewhere
expect "check as JSON" 0 "$TENANTRY" check job.yaml --json
check "it is JSON" jq -e .checks "$WORK/out"
check "check writes nothing" test ! -e var
touch -d "90 hours ago" subscriptions.csv
expect "check with old subscriptions" 3 "$TENANTRY" check job.yaml
says "it says how old they are" "max_age"
touch subscriptions.csv
mkdir fresh && sed "s|^root: .*|root: .|; s|csv: \([a-z]*\).csv|csv: ../\1.csv|" job.yaml >fresh/job.yaml
expect "check in a fresh folder" 0 env -C fresh "$TENANTRY" check job.yaml
rm -r fresh

expect "validate" 1 "$TENANTRY" validate job.yaml --now $NOW
check "rejected.csv" grep -q quantity-not-one "$(last_run)/rejected.csv"
check "validate makes nothing" test "$(made CreateTenant)" = 0

expect "plan" 1 "$TENANTRY" plan job.yaml --now $NOW -o plan.json
says "plan says how to apply" "tenantry apply plan.json"
check "plan makes nothing" test "$(made CreateTenant)" = 0
expect "plan as JSON" 1 "$TENANTRY" plan job.yaml --now $NOW --json
check "the plan is JSON" jq -e . "$WORK/out"

sed -i 's/"digest": "\(.\)/"digest": "x\1/' plan.json
expect "an edited plan" 2 "$TENANTRY" apply plan.json --now $NOW
"$TENANTRY" plan job.yaml --now $NOW -o plan.json >/dev/null 2>&1
order 405 >>orders.csv
expect "apply when the world has moved" 5 "$TENANTRY" apply plan.json --now $NOW
says "it says so" "moved"
check "nothing was made" test "$(made CreateTenant)" = 0
says "it says to make a new plan" "tenantry plan -o FILE"
check "and nothing of limits" bash -c '! grep -q "limit\|--yes" "$1"' _ "$WORK/out"
check "a code of its own" field "$(last_run)/run.json" .error.code moved
expect "too many changes" 5 "$TENANTRY" run job.yaml --now $NOW --max-changes 1
check "advice comes once" test "$(grep -c -e --yes "$WORK/out" "$WORK/err" | awk -F: '{n += $2} END {print n}')" = 1
"$TENANTRY" plan job.yaml --now $NOW -o plan.json >/dev/null 2>&1
expect "apply" 1 "$TENANTRY" apply plan.json --now $NOW
check "exactly the plan" test "$(made CreateTenant 201)" = 4
expect "apply again" 5 "$TENANTRY" apply plan.json --now $NOW

expect "reconcile" 0 "$TENANTRY" reconcile job.yaml --now $NOW --json
check "reconcile gives run.json" jq -e .reconciliation.coverage "$WORK/out"
before=$(made CreateTenant)

export TENANTRY_JOB=$WORK/job.yaml
expect "runs" 0 "$TENANTRY" runs
says "runs lists them" "reconcile"
check "in 80 columns" test "$(awk 'length($0) > 80' "$WORK/out" | wc -l)" = 0
expect "runs as JSON" 0 "$TENANTRY" runs --json
check "a list" jq -e 'length >= 4' "$WORK/out"
run_id=$(basename "$(last_run)")
expect "show a run" 0 "$TENANTRY" show "$run_id"
expect "show last" 0 "$TENANTRY" show last
expect "show an order" 0 "$TENANTRY" show ORD-401
says "its steps" "CreateTenant"
expect "show an order item as JSON" 0 "$TENANTRY" show main/OI-402 --json
check "its state" test "$(jq -r '.orders[0].state' "$WORK/out")" = "done"
expect "show an account" 0 "$TENANTRY" show 403
expect "show a rejected order" 0 "$TENANTRY" show ORD-404
says "why" "quantity-not-one"
expect "show what is not known" 2 "$TENANTRY" show nothing-at-all
applied=$("$TENANTRY" runs --json | jq -r '[.[] | select(.command == "apply" and .exit_status == 1)][0].run')
expect "show a batch" 0 "$TENANTRY" show "$applied/1"
cp "var/runs/$applied/report.html" kept.html
cp "var/runs/$applied/run.json" kept.json
rm "var/runs/$applied/report.html"
expect "report again" 0 "$TENANTRY" report "$applied"
check "the same report" cmp "var/runs/$applied/report.html" kept.html
check "the same run.json" cmp "var/runs/$applied/run.json" kept.json
expect "report of a run that is not there" 2 "$TENANTRY" report 19990101T000000Z-aaaaaa
check "looking made nothing" test "$(made CreateTenant)" = "$before"

sed -i '$d' orders.csv
grep -v ORD-404 orders.csv >o && mv o orders.csv
expect "a result that cannot be written" 3 bash -c '"$@" >/dev/full' _ "$TENANTRY" runs --job job.yaml
says "it says how the command itself ended" "ended with status 0"
expect "show of nothing" 2 "$TENANTRY" show "" --job job.yaml
says "it says what to give" "show needs an id"
expect "quiet when all is well" 0 "$TENANTRY" run job.yaml --now $NOW --quiet
silent "nothing is said"
unset TENANTRY_JOB
expect "which job?" 2 "$TENANTRY" runs
says "it says how to give one" "TENANTRY_JOB"
expect "--now with writes off loopback" 2 env TENANTRY_ACRONIS_URL=https://cloud.example.com "$TENANTRY" run job.yaml --now $NOW
finish
