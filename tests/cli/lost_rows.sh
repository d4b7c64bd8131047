#!/usr/bin/env bash
# A subscription row without an account: whose it is nobody knows, so its tenant is not one that none bills, and what was found of
# the subscription is not gone.
. "$(dirname "$0")/lib.sh"
cd "$WORK" || exit 2
export TENANTRY_ACRONIS_URL=http://127.0.0.1:1
echo "$ORDER_HEADER" >orders.csv
uuid() { printf '00000000-0000-4000-8000-%012d' "$1"; }
{
	echo "Tenant Id,Customer Id,Name,Kind,Enabled,Tier Value,Licensing Mode,Currency,Pricing Mode"
	for n in 1 2 3 4; do echo "$(uuid $n),$n,Reseller $n,partner,true,$((n == 3)),per_gb,USD,production"; done
} >tenants.csv
# subscriptions ACCOUNT [MORE FIELDS]: of S-3, on another tier than its tenant
subscriptions() {
	echo "$SUBSCRIPTION_HEADER"
	for n in 1 2 3 4; do
		echo "S-$n,$(uuid $n),$([[ $n = 3 ]] && echo "$1" || echo $n),Reseller $n,admin@r$n.example.com,CCSP-T1,Tier 1,Active,1,USD,2026-01-01,,0,no,Synchronized,2026-10-01T00:00:00Z$([[ $n = 3 ]] && echo "${2:-}")"
	done
}
write_job 's|^  min_coverage.*|  min_coverage: 50%\n  max_age: 0s\n  max_shrink: 50%|'
night() {
	subscriptions "${@:2}" >subscriptions.csv
	touch -d "$1T01:00:00Z" tenants.csv
	expect "$1" 1 "$TENANTRY" reconcile job.yaml --tenants tenants.csv --now "$1T01:30:00Z"
}
codes() { jq -r '[.findings[] | .code + " " + .account_id] | sort | join(", ")' "$(last_run)/run.json"; }
state() { sqlite3 var/test.db "SELECT state, times_reopened FROM findings WHERE code = 'tier-mismatch'"; }

night 2026-11-10 3
check "a tier differs" test "$(codes)" = "tier-mismatch 3"
night 2026-11-11 ''
check "its row without an account bills nobody knows whom" test "$(codes)" = "not-compared "
says "the tenant that it names is not compared" "1 tenant not compared"
check "what was found stays" test "$(state)" = "open|0"
says "as left" "1 left"
night 2026-11-12 3 ,one,more
check "a row that cannot be read leaves what was found, too" test "$(state)" = "open|0"
night 2026-11-13 3
check "it is known when the row is back" test "$(codes)|$(state)" = "tier-mismatch 3|open|0"
rm subscriptions.csv tenants.csv
expect "the day without the account" 1 "$TENANTRY" reconcile job.yaml --as-of 2026-11-11
check "says the same from what was kept" test "$(codes)" = "not-compared "
finish
