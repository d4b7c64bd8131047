#!/usr/bin/env bash
# What happens to contracts after they are made: upgrade, downgrade on the first, suspend, reactivate, cancel, a second contract.
. "$(dirname "$0")/lib.sh"
start_sandbox
cd "$WORK" || exit 2
orders 201 202 203 204 205 206 >orders.csv
write_job
expect "contracts are made" 0 "$TENANTRY" run job.yaml --now 2026-11-10T01:30:00Z
cp "$(last_run)/subscriptions-import.csv" subscriptions.csv

sub() { awk -F, -v a="$1" '$3 == a {print $1}' subscriptions.csv; }
# change N ACTION TIER
row() { echo "ORD-9$1,OI-9$1,2026-11-12,Submitted,BSS,$2,$1,Reseller $1 Ltd,true,,,$3,1,USD,admin@r$1.example.com,,,,,$1 Main Street,,Boston,,02110,US,,$(sub "$1"),"; }
{
	echo "$ORDER_HEADER"
	row 201 upgrade "Tier 2"
	row 202 downgrade "Tier 0"
	row 203 suspend ""
	row 204 cancel ""
	order 205 | sed 's/ORD-205,OI-205/ORD-9205,OI-9205/'
	row 206 upgrade "Tier 1"
} >orders.csv
touch -d 2026-11-12T22:00:00Z subscriptions.csv
expect "a night of changes" 1 "$TENANTRY" run job.yaml --now 2026-11-13T01:30:00Z
run_folder=$(last_run)
check "done: upgrade, suspend, cancel" field "$run_folder/run.json" '[.items[] | select(.state == "done")] | length' 3
check "the downgrade waits for the first" field "$run_folder/run.json" '[.items[] | select(.state == "accepted")] | length' 1
check "a second contract is rejected" grep -q 'contract-exists' "$run_folder/rejected.csv"
check "an upgrade to the same tier is rejected" grep -q 'no-tier-change' "$run_folder/rejected.csv"
check "two tenants were disabled" test "$(made UpdateTenant 200)" = 2
check "no tenant was deleted" test "$(made DeleteTenant)" = 0
check "no tenant was made twice" test "$(made CreateTenant 201)" = 6
check "counts close" counts_close "$run_folder/run.json"
settings=$(made UpdateTenantApplicationSetting 200)
expect "nothing to retry" 0 "$TENANTRY" retry last --job job.yaml --now 2026-11-13T02:00:00Z
says "it says what is deferred, and until when" "1 of its orders is deferred: the run of 2026-12-01 does it"
touch -d 2026-11-30T22:00:00Z subscriptions.csv
expect "the first of December" 1 "$TENANTRY" run job.yaml --now 2026-12-01T01:30:00Z
check "now the downgrade is done" test "$(made UpdateTenantApplicationSetting 200)" -gt "$settings"

{
	echo "$ORDER_HEADER"
	row 203 reactivate "Tier 1" | sed 's/9203/8203/g'
} >orders.csv
sed -i "s/^\($(sub 203),.*\),Active,/\1,Suspended,/" subscriptions.csv
touch -d 2026-12-01T22:00:00Z subscriptions.csv
expect "reactivation" 1 "$TENANTRY" run job.yaml --now 2026-12-02T01:30:00Z
check "reactivated" field "$(last_run)/run.json" '[.items[] | select(.state == "done")] | length' 1

# A slip in the export: 201's subscription names the tenant of 206.
cut -d, -f2,3 subscriptions.csv >pairs
other=$(awk -F, '$2 == 206 {print $1}' pairs)
sed "s/^\($(sub 201)\),[^,]*,/\1,$other,/" -i.right subscriptions.csv
slip() { # NUMBER EVENING NIGHT: a suspension of 201
	{
		echo "$ORDER_HEADER"
		row 201 suspend "" | sed "s/9201/$1/g"
	} >orders.csv
	touch -d "$2T22:00:00Z" subscriptions.csv
	expect "a change of a tenant that is another account's" 1 "$TENANTRY" run job.yaml --now "$3T01:30:00Z"
	check "nobody else is switched off" test "$(made UpdateTenant 200)" = "$disabled"
	check "parked" field "$(last_run)/run.json" '.items[] | select(.state == "parked") | .reason' tenant-of-another-account
}
disabled=$(made UpdateTenant 200)
slip 8201 2026-12-02 2026-12-03
sqlite3 var/test.db "delete from tenants where account_id = '201'" # a contract from before our time
slip 7201 2026-12-03 2026-12-04
mv subscriptions.csv.right subscriptions.csv

# An export without its rows: an account that has a contract would look like a new one.
echo "$SUBSCRIPTION_HEADER" >subscriptions.csv
orders 299 >orders.csv
touch -d 2026-12-04T22:00:00Z subscriptions.csv
expect "an emptied export" 3 "$TENANTRY" run job.yaml --now 2026-12-05T01:30:00Z
says "provisions nothing" "nothing was provisioned"
check "no tenant is made" test "$(made CreateTenant 201)" = 6
finish
