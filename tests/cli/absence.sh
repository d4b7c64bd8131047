#!/usr/bin/env bash
# Absence needs proof: lists that lost a page, a cursor or a tenant, that lag or never end, and a second look that cannot be had. No
# tenant is made that is there, none is called missing or not found on the word of a list, and the next calm night does all.
. "$(dirname "$0")/lib.sh"
cd "$WORK" || exit 2

# Ten partners of the accounts 601 to 610, listed in this order, four a page. The BSS knows three of them, and suspends them; three others
# have a tenant by hand, under another name, that nobody told the BSS of, and order one; 620 is really new.
id() { printf '%08d-1111-4111-8111-111111111111' "$1"; }
seed() {
	local n
	for n in $(seq 601 610); do
		jq -n --arg id "$(id "$n")" --arg n "$n" '{id: $id, name: "By hand \($n)", kind: "partner", customer_id: "ACC-\($n)",
			internal_tag: "aps-abc-tier=-1;\($n)", tier: 0, licensing_mode: "per_gb", pricing: {mode: "production", currency: "USD"},
			users: [{login: "boss@hand\($n).example.com", activated: true, roles: ["partner_admin"]}]}'
	done | jq -s '{tenants: .}'
}
# known N...: the BSS's export; then the orders of the night, where the accounts $MINE order anew
known() {
	local n
	echo "$SUBSCRIPTION_HEADER" >subscriptions.csv
	echo "$ORDER_HEADER" >orders.csv
	for n; do
		echo "S-$n,$(id "$n"),ACC-$n,By hand $n,boss@hand$n.example.com,,Tier 1,Active,1,USD,2026-01-01,,,,Synchronized,2026-11-19T20:00:00Z" >>subscriptions.csv
		echo "ORD-$n,OI-$n,2026-11-18,Submitted,BSS,suspend,ACC-$n,By hand $n,true,,,,,,,,,,,,,,,,,,S-$n," >>orders.csv
	done
	for n in $MINE 620; do order "$n" | sed "s/,new,$n,/,new,ACC-$n,/" >>orders.csv; done
}
fault() { admin faults -X POST -H 'Content-Type: application/json' -d "{\"clear\": true, \"add\": [$(printf '"%s",' "$@" | sed 's/,$//')]}" >/dev/null; }
tenants() { admin state | jq '[.tenants[] | select(.customer_id != null)] | length'; }
enabled() { admin state | jq "[.tenants[] | select(.customer_id != null and .enabled)] | length"; }
record() { jq -r "$1" "$(last_run)/run.json"; }
# A fresh world, before anything was done
begin() {
	rm -rf var
	[[ -n ${SANDBOX_PID:-} ]] && stop_sandbox
	start_sandbox --seed seed.json --now 2026-11-19T00:00:00Z
}
seed >seed.json
MINE="601 602 603" known 608 609 610
write_job 's/^  rate: 0/  rate: 0\n  page_size: 4\n  retries: 0/'
sed '/page_size/d' job.yaml >wide.yaml
begin

# ---- The plan's list lost a page, whatever the way: read again twice, then nothing is written on its word.
nothing_was_done() {
	expect "$1" 3 "$TENANTRY" run "${2:-job.yaml}" --now $NOW
	says "$1: it says that nothing was provisioned" "nothing was provisioned"
	check "$1: nothing was changed" test "$(changes)" = 1 # the token
	check "$1: ten tenants, all enabled" test "$(tenants) $(enabled)" = "10 10"
	check "$1: nothing is parked" test "$(record '[.items[]? | select(.state == "parked")] | length')" = 0
	check "$1: no match is claimed" test "$(record '.reconciliation.coverage.subscriptions_examined // 0')" -lt 3
	check "$1: no tenant is called missing" test "$(record '[.findings[]? | select(.code == "tenant-missing")] | length')" = 0
}
for kind in list-cut:page=1 list-cut:page=2 list-empty list-endless list-same-page list-double list-without-ids list-flood \
	"list-short:holds=$(id 609)" html wrong-types; do
	job=job.yaml
	[[ $kind = list-flood ]] && job=wide.yaml # it ends by the number of its pages
	fault "FetchTenantsBatch:$kind:count=0:match=subtree_root_id"
	: >requests.ndjson
	nothing_was_done "$kind" $job
	rm -rf var
done
fault "FetchTenantsBatch:list-short:holds=$(id 609):count=0:match=subtree_root_id"
expect "a list that lacks a known tenant" 3 "$TENANTRY" run job.yaml --now $NOW
check "it was read three times" test "$(grep -c 'warning: the list of tenants is read again' err)" = 2
says "it names the tenant" "tenant $(id 609) stands below the parent"
expect "nor is it all that there is to compare" 3 "$TENANTRY" reconcile job.yaml --now $NOW
says "that is said" "the list of tenants is not whole"
check "what it has was compared" test "$(record '.reconciliation.coverage.subscriptions_examined')" = 2
check "what it lacks was not" test "$(record '[.findings[] | select(.code == "not-compared") | .tenant_id] | join(" ")')" = "$(id 609)"
expect "nor is it planned on" 3 "$TENANTRY" plan job.yaml --now $NOW
fault "FetchTenantsBatch:list-cut:page=1:count=2:match=subtree_root_id"
expect "a list that is whole the third time" 1 "$TENANTRY" run job.yaml --now $NOW
all_is_done() {
	check "$1: three were suspended" test "$(enabled)" = 8
	check "$1: one was made" test "$(tenants)" = 11
	check "$1: three wait for a person" test "$("$TENANTRY" show parked --job job.yaml 2>/dev/null | grep -c tenant-exists)" = 3
}
all_is_done "then"

# ---- Nobody knows of the three, so no list can be proved to lack them: the second look finds them.
begin
MINE="607 608 609" known 601 602 603
fault "FetchTenantsBatch:list-cut:page=1:count=0:match=subtree_root_id"
expect "a list that lost what nobody knows of" 3 "$TENANTRY" run job.yaml --now $NOW
all_is_done "by the second look"
says "what was made and is not listed is not compared" "is not whole"
begin
fault "Search:503:count=0"
expect "no second look" 1 "$TENANTRY" run job.yaml --now $NOW
check "nothing was made" test "$(tenants)" = 10
check "the new one failed, to be tried again" test "$(record '[.items[] | select(.reason == "unavailable") | .account_id] | join(" ")')" = ACC-620
check "what needs no such look was done" test "$(enabled)" = 7
faults_off
expect "the next night" 1 "$TENANTRY" run job.yaml --now $NOW
all_is_done "the next night"

# ---- Lost creates, and lists that lag.
begin
orders $(seq 701 706) | sed -E 's/,new,(7..),/,new,ACC-\1,/' >orders.csv
echo "$SUBSCRIPTION_HEADER" >subscriptions.csv
fault "CreateTenant:lost-after:nth=2:count=5" "FetchTenantsBatch:list-stale:behind=1000:count=0:match=parent_id"
expect "lost creates and a list that lags" 1 "$TENANTRY" run job.yaml --now $NOW
check "the five are in doubt" test "$(record '[.items[] | select(.reason == "in-doubt")] | length')" = 5
check "six tenants, none twice" test "$(tenants)" = 16
faults_off
expect "when it has caught up" 1 "$TENANTRY" run job.yaml --now $NOW
check "all are done" test "$(record '[.items[] | select(.state == "done")] | length')" = 5
check "six tenants, none twice, one mail each" test "$(tenants) $(admin mails | jq '.mails | length')" = "16 6"

# ---- Who answered that it is gone is asked again with the next full read, and before an order about it.
begin
MINE="" known 608
sed -i "s/$(id 608)/$(id 999)/" subscriptions.csv
sed -i '2d' orders.csv # without the suspension
of_999() { grep -c "$(id 999)" requests.ndjson; }
: >requests.ndjson
run "$TENANTRY" run job.yaml --now $NOW
check "it is asked for, by itself" test "$(grep -c "/tenants/$(id 999)" requests.ndjson)" -ge 1
: >requests.ndjson
run "$TENANTRY" run job.yaml --now 2026-11-21T01:30:00Z
check "not in the next night" test "$(of_999)" = 0
run "$TENANTRY" reconcile job.yaml --full --now 2026-11-21T02:30:00Z
check "again with a full read" test "$(of_999)" -ge 1
: >requests.ndjson
MINE="" known 608
sed -i "s/$(id 608)/$(id 999)/" subscriptions.csv
run "$TENANTRY" run job.yaml --now 2026-11-22T01:30:00Z
check "and before an order about it" test "$(of_999)" -ge 1
check "which waits for a person" test "$(record '[.items[] | select(.reason == "tenant-not-found") | .account_id] | join(" ")')" = ACC-608

# ---- A tenant that is adopted keeps its tag: it may be another program's.
tag() { admin state | jq -r --arg a "$1" '.tenants[] | select(.customer_id == $a) | .internal_tag'; }
begin
{ echo "$ORDER_HEADER"; order 607 | sed 's/,new,607,/,new,ACC-607,/'; } >orders.csv
expect "its account has a tenant" 1 "$TENANTRY" run job.yaml --now $NOW
expect "it is adopted" 0 "$TENANTRY" decide OI-607 --job job.yaml --adopt "$(id 607)" --reason "ours"
run "$TENANTRY" run job.yaml --now $NOW
check "the order works on it" test "$(tenants)" = 10
check "its tag is as it was" test "$(tag ACC-607)" = "aps-abc-tier=-1;607"
finish
