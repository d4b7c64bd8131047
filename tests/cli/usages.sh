#!/usr/bin/env bash
# Usage at Acronis beside invoices that bill none: a hint, never a difference of figures; and sums that tie to the input's.
. "$(dirname "$0")/lib.sh"
cd "$WORK" || exit 2
id() { printf 'a0000000-0000-4000-8000-%012d' "$1"; }
jq -nc '{tenants: [range(4) | (. + 1) as $i | {id: "a0000000-0000-4000-8000-00000000000\($i)", name: "Reseller \($i) Ltd", customer_id: "\($i)",
	created_at: "2026-01-01T00:00:00Z", tier: 0, licensing_mode: "per_gb", pricing: {mode: "production", currency: "USD"}, offering_items: "all"}]}' >seed.json
start_sandbox --seed seed.json
orders >orders.csv
{
	echo "$SUBSCRIPTION_HEADER"
	for n in 1 2 3 4; do echo "S-$n,$(id $n),$n,Reseller $n Ltd,,CCSP-T1,Tier 1,Active,1,USD,2026-01-01,,0,no,Synchronized,2026-10-01T00:00:00Z"; done
	echo "S-5,,5,Reseller 5 Ltd,,,Tier 99,Active,1,USD,2026-01-01,,0,no,Synchronized,2026-10-01T00:00:00Z"
} >subscriptions.csv
{
	echo 'Invoice Id,Invoice Date,Subscription Id,Account Id,Period Start,Period End,Kind,Currency,Amount'
	echo "I-1,2026-11-01,S-1,1,2026-10-01,2026-10-31,usage,USD,300.00"
	for n in 2 3 4; do echo "I-$n,2026-11-01,S-$n,$n,2026-10-01,2026-10-31,commitment,USD,250.00"; done
} >invoices.csv
write_job 's|^  min_coverage.*|  min_coverage: 50%\n  max_age: 0s|' 's|  subscriptions: {csv.*|&\n  invoices: {csv: invoices.csv}|'
night() { "$TENANTRY" reconcile job.yaml --now "2026-11-${1}T01:30:00Z"; }
report() { jq -r "$1" "$(last_run)/run.json"; }
item=$(admin state | jq -r '[.. | objects | select(has("usage")) | .name] | first')
drift() { admin drift -X POST -H 'Content-Type: application/json' -d "$1" >drift.out; }
drift "{\"changes\": [{\"tenant\": \"$(id 1)\", \"usages\": {\"$item\": 7}}, {\"tenant\": \"$(id 2)\", \"usages\": {\"$item\": 12}}]}"

expect "a night with invoices" 1 night 10
check "usage that no invoice bills is told" test "$(report '[.findings[] | select(.code == "usage-implausible") | .account_id] | join(" ")')" = 2
check "as a hint" test "$(report '.findings[] | select(.code == "usage-implausible") | .severity')" = info
check "in words" test "$(report '.findings[] | select(.code == "usage-implausible") | .sentence')" = "Reseller 2 Ltd is billed no usage for 2026-10, while Acronis counts $item 12 this month so far: figures trail and months differ, so this is something to look at and no difference."
check "only of those whose invoices bill none it was asked, in one call" test "$(made FetchTenantsUsagesBatch)" = 1
check "accounts tie" field "$(last_run)/run.json" '.reconciliation | .coverage.accounts == .coverage.accounts_matched + .tie_out.accounts_bss_only + .tie_out.accounts_acronis_only + .tie_out.accounts_neither' true
check "one of them is in the BSS only" test "$(report .reconciliation.tie_out.accounts_bss_only)" = 1
check "commitments tie to the input's" test "$(report '.reconciliation.tie_out.commitments[] | "\(.currency) \(.total) = \(.examined) + \(.not_examined)"')" = "USD 1000.00 = 1000.00 + 0.00"
check "text shows it" grep -q "commitment USD 1,000.00 = 1,000.00 examined + 0.00 not" <(tr -s ' \n' ' ' <"$WORK/out")
check "HTML too" grep -q "Tie-out" "$(last_run)/report.html"
check "in the workbook sums are numbers" bash -c 'unzip -p "$1/report.xlsx" "xl/worksheets/*.xml" | grep -q "<v>1000</v>" && unzip -p "$1/report.xlsx" "xl/worksheets/*.xml" | grep -q "<v>1050</v>"' _ "$(last_run)"
check "invoices tie" test "$(report '.reconciliation.billing.sums[0] | "\(.total) \(.tied) \(.other_months) \(.untied)"')" = "1050.00 1050.00 0.00 0.00"
admin faults -X POST -H 'Content-Type: application/json' -d '{"add": ["FetchTenantsUsagesBatch:500:count=0"]}' >/dev/null
expect "usage that cannot be read" 1 night 11
check "stops nothing" test "$(report .reconciliation.coverage.tenants_examined)" = 4
faults_off
asked=$(made FetchTenantsUsagesBatch)
sed -i 's|^  max_age: 0s|&\n  usages: false|' job.yaml
expect "switched off" 1 night 12
check "nothing is asked" test "$(made FetchTenantsUsagesBatch)" = "$asked"

# An amount that is not compared stands on the other side of the sum.
sed -i "s/^S-4,[^,]*,/S-4,b0000000-0000-4000-8000-000000000004,/; s/^S-5.*/S-5,,5,Reseller 5 Ltd,,CCSP-T1,Tier 1,Active,1,,2026-01-01,,0,no,Synchronized,2026-10-01T00:00:00Z/" subscriptions.csv
admin faults -X POST -H 'Content-Type: application/json' -d "{\"add\": [\"FetchTenantPricingSettings:500:count=0:match=$(id 3)\"]}" >/dev/null
expect "a tenant whose pricing cannot be read" 1 "$TENANTRY" reconcile job.yaml --now 2026-11-13T01:30:00Z --full
check "the sum still ties" test "$(report '.reconciliation.tie_out.commitments[] | "\(.currency) \(.total) = \(.examined) + \(.not_examined)"')" = "USD 1000.00 = 750.00 + 250.00"
finish
