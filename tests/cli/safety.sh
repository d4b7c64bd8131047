#!/usr/bin/env bash
# The stops: too many changes, too many errors, the lock, a lost ledger, a guard that refuses to call nothing a match.
. "$(dirname "$0")/lib.sh"
start_sandbox
cd "$WORK" || exit 2
# Without a date: such an order waits since a night first saw it.
orders $(seq 301 330) | sed 's/2026-11-18//' >orders.csv
stuck() { jq '[.findings[] | select(.code == "order-stuck")] | length' "$(last_run)/run.json"; }
write_job

expect "more than max_changes" 5 "$TENANTRY" run job.yaml --now $NOW --max-changes 10
says "it says that nothing was done" "nothing was done"
check "no order of tonight is stuck" test "$(stuck)" = 0
check "nothing was made" test "$(made CreateTenant)" = 0
expect "a dry run" 0 "$TENANTRY" run job.yaml --now $NOW --dry-run
check "a dry run makes nothing" test "$(made CreateTenant)" = 0
check "a dry run leaves no folder" test "$(find var/runs -mindepth 1 -maxdepth 1 -type d | wc -l)" = 1

sed -i 's/^contract:/provision: {batch_size: 5, max_errors: 3}\ncontract:/' job.yaml
admin faults -X POST -H 'Content-Type: application/json' -d '{"add": ["UpdateTenantPricingSettings:500:count=0"]}' >/dev/null
expect "too many errors" 5 "$TENANTRY" run job.yaml --now $NOW
check "no further batch was begun" test "$(made CreateTenant 201)" -le 10
check "counts close after the stop" counts_close "$(last_run)/run.json"
check "nor is one that failed tonight" test "$(stuck)" = 0
sed 's/^  min_coverage.*/&\n  max_age: 0s/' job.yaml >later.yaml
run "$TENANTRY" reconcile later.yaml --now 2026-12-20T01:30:00Z
check "weeks later it is" test "$(stuck)" -gt 0
faults_off
expect "the next run repairs" 0 "$TENANTRY" run job.yaml --now $NOW
check "thirty tenants, none twice" test "$(made CreateTenant 201)" = 30
check "thirty mails, none twice" test "$(made SendActivationEmail 204)" = 30

expect "limit" 0 "$TENANTRY" run job.yaml --now $NOW --limit 3
mv var/test.db kept.db
rm -f var/test.db-wal var/test.db-shm
expect "a lost ledger beside its runs" 3 "$TENANTRY" run job.yaml --now $NOW
says "it says what to do" "restore the ledger"
check "no ledger was made" test ! -e var/test.db
mv kept.db var/test.db

# A subscriptions export that is suddenly empty must not make a clean night.
cp "$(find var/runs -name subscriptions-import.csv -size +1k | head -1)" subscriptions.csv
expect "with subscriptions" 0 "$TENANTRY" reconcile job.yaml --now $NOW
echo "$SUBSCRIPTION_HEADER" >subscriptions.csv
expect "suddenly empty subscriptions" 3 "$TENANTRY" reconcile job.yaml --now $NOW
says "it says not compared" "not compared"
finish
