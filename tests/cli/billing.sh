#!/usr/bin/env bash
# Invoices against contracts over several nights: a month that is not invoiced yet, a shortfall that stays open when the
# month is over and goes when it is made good, formats of amounts, rates, files that are gone.
. "$(dirname "$0")/lib.sh"
cd "$WORK" || exit 2
export TENANTRY_ACRONIS_URL=http://127.0.0.1:1
echo "$ORDER_HEADER" >orders.csv
uuid() { printf '00000000-0000-4000-8000-%012d' "$1"; }
# contract N CURRENCY: subscription S-N on Tier 1, and its tenant
{
	echo "$SUBSCRIPTION_HEADER"
	for n in 1 2 3; do echo "S-$n,$(uuid $n),$n,Reseller $n Ltd,admin@r$n.example.com,CCSP-T1,Tier 1,Active,1,USD,2026-01-01,,0,no,Synchronized,2026-10-01T00:00:00Z"; done
	echo "S-4,$(uuid 4),4,Reseller 4 Ltd,admin@r4.example.com,CCSP-T1,Tier 1,Active,1,EUR,2026-01-01,,0,no,Synchronized,2026-10-01T00:00:00Z"
} >subscriptions.csv
{
	echo "Tenant Id,Parent Id,Customer Id,Internal Tag,Name,Kind,Enabled,Tier Value,Licensing Mode,Currency,Pricing Mode,Login,Updated At,Deleted At"
	for n in 1 2 3 4; do
		currency=USD
		[ "$n" = 4 ] && currency=EUR
		echo "$(uuid $n),,$n,,Reseller $n Ltd,partner,true,0,per_gb,$currency,production,,,"
	done
} >tenants.csv
HEADER='Invoice Id,Invoice Date,Subscription Id,Account Id,Period Start,Period End,Kind,Currency,Amount,Cost Amount,Rate'
# month YYYY-MM LAST-DAY INVOICED [COMMITMENT]: what each of the four was billed for it; all of it right with 70.00 for S-1
month() {
	echo "I-$1-1,$3,S-1,1,$1-01,$1-$2,usage,USD,180.00,,"
	[ -n "${4:-}" ] && echo "I-$1-1,$3,S-1,1,$1-01,$1-$2,commitment,USD,$4,,"
	echo "I-$1-2,$3,S-2,2,$1-01,$1-$2,usage,USD,300.00,,"
	echo "I-$1-3,$3,S-3,3,$1-01,$1-$2,commitment,USD,250.00,,"
	echo "I-$1-4,$3,S-4,4,$1-01,$1-$2,usage,EUR,165.83,,"
	echo "I-$1-4,$3,S-4,4,$1-01,$1-$2,commitment,EUR,64.50,,0.9213"
}
printf 'From,To,Rate,Valid From,Valid To\nUSD,EUR,0.9213,2026-09-01,2026-12-31\n' >rates.csv
write_job 's|  subscriptions: {csv.*|&\n  invoices: {csv: "invoices*.csv"}\n  rates: {csv: rates.csv}|' 's|^  min_coverage.*|&\n  max_age: 0s|'
night() { "$TENANTRY" reconcile job.yaml --tenants tenants.csv --now "$1T01:30:00Z"; }
report() { jq -r "$1" "$(last_run)/run.json"; }
codes() { report '[.findings[] | "\(.code) \(.object)"] | join(", ")'; }
found() { test "$(codes)" = "$1"; }

{ echo "$HEADER"; month 2026-09 30 2026-10-01 70.00; } >invoices.csv
expect "the day before October counts as invoiced" 0 night 2026-11-02
check "September is compared" test "$(report .reconciliation.billing.months)" = 2026-09
check "and agrees" test "$(report '.reconciliation.billing | "\(.compared) \(.agreed)"')" = "4 4"
expect "October is not there yet" 1 night 2026-11-03
check "that is a finding, not a thousand" found "not-compared invoices 2026-10"
says "with its reason" "not-compared"

{ echo "$HEADER"; month 2026-09 30 2026-10-01 70.00; month 2026-10 31 2026-11-01; } >invoices.csv
expect "a shortfall was not billed" 0 night 2026-11-04
check "it is found, and October is compared now" found "commitment-shortfall-unbilled S-1 2026-10"
check "with what is at stake" test "$(report '.findings[0] | "\(.money) \(.currency) \(.severity)"')" = "70.00 USD medium"
check "the sums tie" test "$(report '.reconciliation.billing.sums[] | select(.currency == "USD") | "\(.total) \(.tied) \(.other_months) \(.untied)"')" = "1530.00 730.00 800.00 0.00"
check "invoices and rates are inputs of the run" test "$(report '[.inputs[] | select(.role == "invoices" or .role == "rates")] | length')" = 2

mv invoices.csv old.csv
{ echo "$HEADER"; month 2026-11 30 2026-12-01 70.00; } >invoices.csv
expect "a month later November is right" 0 night 2026-12-05
check "and October's shortfall is still open" found "commitment-shortfall-unbilled S-1 2026-10"
check "since the same night" test "$(report '.findings[0] | "\(.first_seen[:10]) \(.runs_open)"')" = "2026-11-04 2"
check "counts close" counts_close "$(last_run)/run.json"
mv old.csv invoices-older.csv
echo "I-2026-12-1,2026-12-01,S-1,1,2026-10-01,2026-10-31,commitment,USD,70.00,,0.9" >>invoices.csv
sed -i 's|^reconcile:|billing: {months: 2}\nreconcile:|' job.yaml
expect "both months, with the correction" 0 night 2026-12-06
check "then it is resolved" found ""
check "and counted" test "$(report .reconciliation.resolved)" = 1

rm invoices-older.csv
sed -i '/^billing:/d' job.yaml
{ echo "$HEADER"; month 2026-11 30 2026-12-01 '"70,00"'; } >invoices.csv
expect "a decimal comma" 1 night 2026-12-07
check "spoils its month" found "not-compared S-1 2026-11"
says "the account is not compared" "not-compared"
check "the finding names the line" test "$(report '.findings[0].sentence | contains("invoices.csv:3: Amount is \"70,00\"")')" = true
{ echo "$HEADER" | tr , ';'; month 2026-11 30 2026-12-01 70.00 | tr , ';' | tr . ,; } >invoices.csv
printf 'From;To;Rate;Valid From;Valid To\nUSD;EUR;0,9213;2026-09-01;2026-12-31\n' >rates.csv
sed -i 's|^  name: main|&\n  csv: {decimal: comma}|' job.yaml
expect "when the job states it, it is read" 0 night 2026-12-08
check "and all agree" test "$(report .reconciliation.billing.agreed)" = 4
printf 'From;To;Rate;Valid From;Valid To\nUSD;EUR;0,9213;2026-09-01;2026-11-30\nUSD;EUR;null;2026-12-01;\n' >rates.csv
expect "no rate for the invoice's day" 1 night 2026-12-09
check "is not compared" found "not-compared rates.csv:3, not-compared S-4 2026-11"

# A subscription that failed never ran: it owes nothing, and a line that bills it all the same is no match.
printf 'From;To;Rate;Valid From;Valid To\nUSD;EUR;0,9213;2026-09-01;\n' >rates.csv
for n in 5 6; do echo "S-$n,,$n,Reseller $n Ltd,admin@r$n.example.com,CCSP-T1,Tier 1,Failed,1,USD,2026-01-01,,0,no,Failed,2026-12-09T20:00:00Z"; done >>subscriptions.csv
expect "two that failed, and nothing bills them" 0 night 2026-12-10
check "nothing is missed" found ""
check "and nothing is due of them" test "$(report '.reconciliation.billing | "\(.compared) \(.agreed)"')" = "4 4"
echo "I-2026-11-5;2026-12-01;S-5;5;2026-11-01;2026-11-30;commitment;USD;250,00;;" >>invoices.csv
expect "one of them is billed" 1 night 2026-12-10
check "that one is found" found "not-compared S-5 2026-11"
check "with the reason" test "$(report '.findings[0].sentence | contains("its subscription failed and never ran")')" = true
check "it is not said to agree" test "$(report '.reconciliation.billing | "\(.compared) \(.agreed)"')" = "4 4"
expect "and nobody signs that" 1 "$TENANTRY" sign last --preparer "Ann Lee" --job job.yaml --now 2026-12-10T09:00:00Z

rm invoices.csv
expect "no invoices at all" 3 night 2026-12-10
says "nothing is said about them" "no file matches bss.invoices"
finish
