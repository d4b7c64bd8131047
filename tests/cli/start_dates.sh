#!/usr/bin/env bash
# Dates are honoured: what begins or ends on a day to come waits for it, whatever it is; and a day that is too far away is
# told from the day on which the order was first read.
. "$(dirname "$0")/lib.sh"
start_sandbox
cd "$WORK" || exit 2
IMPORT_HEADER='Subscription Id,Subscription External Id,Account Id,Account,Username,Tier,Product Code,Status,Quantity,Currency,Start Date,End Date,Ramp Up Months,Is Trial,Provisioning Sync Status,Updated At'
echo "$IMPORT_HEADER" >subscriptions.csv
write_job 's|^  min_coverage.*|&\n  max_age: 0s|'
# starts N DAY: the order of account N, with a Start Date
starts() { order "$1" | sed "s/\$/$2/"; }
# The BSS imports after each night what that night did.
night() { # NAME STATUS DAY
	expect "$1" "$2" "$TENANTRY" run job.yaml --now "$3T01:30:00Z"
	tail -n +2 "$(last_run)/subscriptions-import.csv" 2>/dev/null | cut -d, -f1-16 >>subscriptions.csv
}
item() { jq -r --arg id "ORD-$1" '.items[] | select(.order_id == $id) | .state + " " + .text' "$(last_run)/run.json"; }
stuck() { jq '[.findings[] | select(.code == "order-stuck")] | length' "$(last_run)/run.json"; }
tenants() { made CreateTenant 201; }
rejected() { grep -c "$1" "$(last_run)/rejected.csv"; }

{
	orders 501
	starts 502 2026-12-05
	starts 503 2025-11-18
	starts 504 2028-11-21
	starts 505 2026-10-25 | sed 's/,Boston,/,,/'
} >orders.csv
expect "a plan" 1 "$TENANTRY" plan job.yaml --now $NOW
says "the plan says when it is due" 'ORD-502/OI-502  on 2026-12-05: create tenant "Reseller 502 Ltd" on Tier 1 (USD)'
check "a plan notes nothing of what it read" test ! -e var/test.db
night "the night that reads them" 1 2026-11-20
check "what begins today is made, and nothing else" test "$(tenants)/$(made SendActivationEmail 204)/$(made CreateUser 200)" = 1/1/1
says "the summary says when the other is" "1 waits for its day, the first on 2026-12-05"
check "run.json says when it is due" test "$(item 502)" = "accepted due 2026-12-05"
check "the page says when it is due" grep -q 'due 2026-12-05' "$(last_run)/report.html"
check "two starts are too far away" test "$(rejected 'date-too-far')" = 2
check "the reason says from when it was counted" test "$(rejected 'Start Date is ""2028-11-21"".*first read on 2026-11-20')" = 1

# A day later the one beyond two years would be near enough; three weeks later the one behind would be too far.
night "a night before its day" 1 2026-11-25
check "waiting does not bring a day nearer" test "$(rejected 'date-too-far')" = 2
{
	orders 501
	starts 502 2026-12-05
	starts 504 2028-11-21
	starts 505 2026-10-25
} >orders.csv
night "the eve of its day" 1 2026-12-04
check "a good day did not become too far by waiting for its city" test "$(rejected 'date-too-far')/$(tenants)" = 1/2
check "an order that waits for its day is not stuck" test "$(stuck)" = 0
expect "nor is it for a comparison alone" 0 "$TENANTRY" reconcile job.yaml --now 2026-12-04T09:00:00Z
check "no order is stuck there either" test "$(stuck)" = 0
check "there was no mail before its day" test "$(made SendActivationEmail 204)" = 2
admin faults -X POST -H 'Content-Type: application/json' -d '{"add": ["CreateTenant:403:count=0"]}' >/dev/null
expect "its day, and it fails" 1 "$TENANTRY" run job.yaml --now 2026-12-05T00:30:00Z
check "an order of weeks ago that was due today is not stuck today" test "$(stuck)/$(tenants)" = 0/2
faults_off
night "its day" 1 2026-12-05
check "on its day it is made" test "$(tenants)/$(made SendActivationEmail 204)" = 3/3
night "the night after" 1 2026-12-06
check "once" test "$(tenants)/$(made SendActivationEmail 204)" = 3/3

# A contract that ends at the end of the year, which the BSS shows as cancelled already.
{
	echo "$ORDER_HEADER"
	echo "ORD-9,OI-9,2026-12-05,Submitted,BSS,cancel,501,Reseller 501 Ltd,true,,,,,,,,,,,,,,,,,,$(grep ',501,' subscriptions.csv | cut -d, -f1),2026-12-31"
} >orders.csv
enabled() { admin state | jq -r '.tenants[] | select(.customer_id == "501") | .enabled'; }
night "a cancellation to come" 0 2026-12-07
check "it is due on its day" test "$(item 9)" = "accepted due 2026-12-31"
check "the tenant runs until then" test "$(enabled)" = true
sed -i '/,501,/s/,Active,/,Cancelled,/' subscriptions.csv
expect "the BSS shows the end before it comes" 0 "$TENANTRY" reconcile job.yaml --now 2026-12-08T01:30:00Z --propose fixes.yaml
check "that is no difference" test "$(jq '[.findings[] | select(.code == "cancelled-but-enabled")] | length' "$(last_run)/run.json")" = 0
check "and no correction is proposed" bash -c '! grep -q "change: disable" fixes.yaml'
night "a night that knows both" 0 2026-12-09
night "the first run after its day" 0 2027-01-02
check "the tenant is disabled then" test "$(enabled)" = false
expect "as of the night before it" 0 "$TENANTRY" reconcile job.yaml --now 2027-01-03T01:30:00Z --as-of 2026-12-09
check "it was no difference then either" test "$(jq '[.findings[] | select(.code == "cancelled-but-enabled")] | length' "$(last_run)/run.json")" = 0
finish
