#!/usr/bin/env bash
# What was found about a month that tonight's invoices say nothing of stays as it was, and as it was decided.
. "$(dirname "$0")/lib.sh"
cd "$WORK" || exit 2
TENANT=00000000-0000-4000-8000-000000000001
HEADER='Invoice Id,Invoice Date,Subscription Id,Account Id,Period Start,Period End,Kind,Currency,Amount'
echo "$ORDER_HEADER" >orders.csv
cat >subscriptions.csv <<-CSV
	$SUBSCRIPTION_HEADER
	S-1,$TENANT,1,Reseller 1,admin@r1.example.com,CCSP-T1,Tier 1,Active,1,USD,2026-01-01,,0,no,Synchronized,2026-10-01T00:00:00Z
CSV
cat >tenants.csv <<-CSV
	Tenant Id,Customer Id,Name,Kind,Enabled,Tier Value,Licensing Mode,Currency,Pricing Mode
	$TENANT,1,Reseller 1,partner,true,0,per_gb,USD,production
CSV
write_job 's|^  min_coverage.*|  min_coverage: 50%\n  max_age: 0s|' 's|  subscriptions: {csv.*|&\n  invoices: {csv: invoices.csv}|'
export TENANTRY_ACRONIS_URL=http://127.0.0.1:1
# night DAY MONTH USAGE: the invoices bill that month's usage only
night() {
	printf '%s\nI-1,2026-11-01,S-1,1,%s-01,%s-28,usage,USD,%s\n' "$HEADER" "$2" "$2" "$3" >invoices.csv
	expect "$1" 0 "$TENANTRY" reconcile job.yaml --tenants tenants.csv --now "$1T01:30:00Z"
}
finding() { jq -r '.findings[] | [.state, .money, .note] | join("|")' "$(last_run)/run.json"; }

night 2026-11-10 2026-10 180.00
check "October is short" test "$(finding)" = "open|70.00|"
expect "it is accepted" 0 "$TENANTRY" ack "$(jq -r '.findings[].id' "$(last_run)/run.json")" --reason agreed --until 2027-06-30 --job job.yaml --now 2026-11-10T09:00:00Z
night 2026-11-11 2026-10 200.00
check "less is short, and covered" test "$(finding)" = "acknowledged|50.00|"
night 2026-12-10 2026-11 250.00
check "November says nothing of October: it stays accepted" test "$(finding)" = "acknowledged|50.00|"
night 2026-12-11 2026-11 250.00
check "and the night after" test "$(finding)" = "acknowledged|50.00|"
finish
