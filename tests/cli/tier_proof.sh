#!/usr/bin/env bash
# The tier table is proved before anything is written for a paid tier: by a confirmed partner, by the price list, or by partners
# that agree. What is not proved is parked, what is contradicted stops all writing. A job whose server is on this machine is only
# warned, so most of this runs against an address that is not loopback, in a network namespace of the test's own.
. "$(dirname "$0")/lib.sh"
SCRIPT=$(cd "$(dirname "$0")" && pwd)/$(basename "$0")
cd "$WORK" || exit 2
FAR=192.0.2.1 PARENT=d0000000-0000-4000-8000-000000000001
export FAR
id() { printf 'a0000000-0000-4000-8000-%012d' "$1"; }
TODAY=$(date -u +%F)

# partners VALUE...: a seed with the partners 1, 2, ... on these tier values; partner 9 is on none (-1)
partners() {
	jq -nc --arg parent $PARENT '{distributor: {id: $parent, name: "Distributor"}, tenants: ([$ARGS.positional[] | tonumber] + [-1] |
		to_entries | map((if .key == ($ARGS.positional | length) then 9 else .key + 1 end) as $n | {id: ("a0000000-0000-4000-8000-" + ("000000000000" + ($n | tostring))[-12:]),
		name: "Reseller \($n) Ltd", customer_id: "\($n)", tier: .value, licensing_mode: "per_gb", offering_items: "all",
		pricing: {mode: "production", currency: "USD"}}))}' --args "$@" >seed.json
}
# subscriptions TIER...: of the partners 1, 2, ...; partner 9 has Tier 0
subscriptions() {
	local n=0 tier
	echo "$SUBSCRIPTION_HEADER"
	for tier; do ((n++)); echo "S-$n,$(id $n),$n,Reseller $n Ltd,,CCSP-T$tier,Tier $tier,Active,1,USD,2024-01-01,,0,no,Synchronized,2024-10-01T00:00:00Z"; done
	echo "S-9,$(id 9),9,Reseller 9 Ltd,,CCSP-T0,Tier 0,Active,1,USD,2024-01-01,,0,no,Synchronized,2024-10-01T00:00:00Z"
}
# buy N TIER: a new order; suspend N
buy() { order "$1" | sed "s/CCSP-T1,Tier 1/CCSP-T$2,Tier $2/; s/2026-11-18/$TODAY/"; }
suspend() { echo "ORD-S$1,OI-S$1,$TODAY,Submitted,BSS,suspend,$1,Reseller $1 Ltd,true,,,,1,USD,,,,,,,,,,,,,S-$1,"; }
# confirm PARTNER TIER
confirm() { sed -i "s/^  confirmed: .*/  confirmed: {tenant: $1, tier: Tier $2, by: Ann}/" job.yaml; }
fresh() { rm -rf var requests.ndjson; }
job() {
	write_job "s/^  parent: .*/  parent: $PARENT/" "s/^  licensing_mode: .*/&\n  confirmed: {}/" 's/^  offering_items: .*/  offering_items: all/' \
		"s/^  settle: .*/&\n  ca_file: ca.pem/" 's/^reconcile:/provision: {batch_size: 4}\n&/'
	confirm "$(id 9)" 0
}
state_of() { jq -r --arg id "$1" '.items[] | select(.item_id == $id) | "\(.state) \(.reason)" | sub(" $"; "")' "$(last_run)/run.json"; }
is_now() { check "$1 is $2" test "$(state_of "$1")" = "$2"; }
warned() { jq -r '.warnings // [] | .[] | select(.about == "tier-table") | .text + " " + .hint' "$(last_run)/run.json"; }
warns() { check "$1" grep -qF -- "$2" <(warned); }
# What the sandbox saw of changes
written() { jq -s '[.[] | select(.method != "GET" and .operation != "RequestTokens")] | length' requests.ndjson; }
# Calls before the first change: what the proof costs beside what a night reads anyway
proof_calls() { jq -s '. as $all | ([range(length) | select($all[.].method != "GET" and $all[.].operation != "RequestTokens")] | first // ($all | length)) as $n |
	[.[:$n][] | select(.operation == "FetchTenantPriceLists" or ((.target // .path // "") | contains("tier_level_value")))] | length' requests.ndjson; }

# ---- Off loopback.
far_start() { # SANDBOX OPTIONS...
	rm -f port
	"$SANDBOX" --listen $FAR --allow-remote --tls --ca-out ca.pem --port 0 --port-file port --seed seed.json --client-id "$ACRONIS_CLIENT_ID" \
		--client-secret "$ACRONIS_CLIENT_SECRET" --request-log requests.ndjson --quiet "$@" >sandbox.log 2>&1 </dev/null &
	SANDBOX_PID=$!
	PIDS+=("$SANDBOX_PID")
	wait_for port "$SANDBOX_PID" || { not_ok "the sandbox starts" "$(cat sandbox.log)"; finish; }
	URL=https://$FAR:$(cat port)
	export TENANTRY_ACRONIS_URL=$URL
}
unproved() {
	fresh && partners && subscriptions >subscriptions.csv
	{ echo "$ORDER_HEADER"; for n in {511..525}; do buy "$n" 1; done; buy 531 2; buy 501 0; suspend 9; } >orders.csv
	job
	far_start
	expect "plan with an unproved table" 0 "$TENANTRY" plan job.yaml
	says "plan names the reason" "OI-511  tier-unproved"
	says "plan says why" "which is -1 however tiers are counted: it proves nothing"
	check "plan wrote nothing" test "$(written)" = 0
	sed '/^  confirmed: /d' job.yaml >nobody.yaml
	expect "nobody is confirmed yet" 0 "$TENANTRY" plan nobody.yaml
	says "that proves nothing either" "OI-511  tier-unproved"
	expect "a confirmed Tier 0 proves nothing" 1 "$TENANTRY" run job.yaml
	is_now OI-501 "done" && is_now OI-S9 "done"
	is_now OI-511 "parked tier-unproved" && is_now OI-531 "parked tier-unproved"
	check "sixteen that wait are no errors: the night came to its end" field "$(last_run)/run.json" '[.provision.done, .provision.parked, .provision.end] | join(" ")' "2 16 all"
	check "nothing was made for them" test "$(made CreateTenant)" = 1
	warns "the report says it" "contract.tiers is not proved"
	warns "with both readings" "N: Tier 1 = 1, Tier 2 = 2; N-1: Tier 1 = 0, Tier 2 = 1; the table follows N-1"
	warns "and what to do" "name it under contract.confirmed"
	says "one order is named to be let pass" "--tier-proved --reason TEXT"
	check "one, not three" test "$(grep -c -- --tier-proved out)" = 1
	check "no names in it" bash -c '! grep -q "Reseller" <<<"$1"' _ "$(warned)"
	check "the counts close" counts_close "$(last_run)/run.json"

	expect "a decision needs a reason" 2 "$TENANTRY" decide OI-511 --tier-proved --job job.yaml
	expect "adopting settles nothing" 2 "$TENANTRY" decide OI-511 --adopt "$(id 9)" --job job.yaml
	expect "the first may pass" 0 "$TENANTRY" decide OI-511 --tier-proved --reason 'first paid order' --job job.yaml
	says "and its tier is looked up" "management portal"
	expect "a second one before the first is done" 2 "$TENANTRY" decide OI-512 --tier-proved --reason 'me too' --job job.yaml
	says "names the first" "order item OI-511 was let pass before and is accepted"
	expect "the night after" 1 "$TENANTRY" run job.yaml
	first=$(jq -r '.items[] | select(.item_id == "OI-511") | .tenant_id' "$(last_run)/run.json")
	is_now OI-511 "done" && is_now OI-512 "parked tier-unproved"
	check "one paid tenant was made" test "$(made CreateTenant)" = 2
	expect "it is still not proved" 1 "$TENANTRY" run job.yaml
	check "by what we wrote ourselves" test "$(made CreateTenant)" = 2
	expect "nor for a retry" 1 "$TENANTRY" retry last --include-parked --job job.yaml
	check "which leaves them parked" field "$(last_run)/run.json" '[.provision.done, .provision.parked] | join(" ")' "0 15"
	confirm "$(id 9)" 1
	expect "a retry with a contradicted table" 2 "$TENANTRY" retry last --include-parked --job job.yaml
	says "says by whom" "has tier_level_value -1, but Tier 1 is mapped to 0"
	check "and writes nothing" test "$(made CreateTenant)" = 2
	expect "show parked" 0 "$TENANTRY" show parked --job job.yaml
	says "advises the decision" "tenantry decide OI-512 --tier-proved --reason TEXT"
	confirm "$first" 1
	expect "the tenant that was looked up is named" 0 "$TENANTRY" run job.yaml
	is_now OI-512 "done" && is_now OI-531 "done"
	check "all that waited was done by itself" test "$(made CreateTenant)" = 17
	check "and nothing is warned of" test -z "$(warned)"
	check "each with the value of the table" test "$(jq -s '[.[] | select(.operation == "UpdateTenantApplicationSetting" and (.path // .target | endswith("tier_level_value")))] | length' requests.ndjson)" = 17
	stop_sandbox
}
changed_order() {
	fresh && partners && subscriptions >subscriptions.csv
	{ echo "$ORDER_HEADER"; buy 541 1; } >orders.csv
	job
	far_start
	expect "one paid order" 1 "$TENANTRY" run job.yaml
	expect "is let pass" 0 "$TENANTRY" decide OI-541 --tier-proved --reason 'Tier 1' --job job.yaml
	{ echo "$ORDER_HEADER"; buy 541 2; } >orders.csv
	expect "and is for another tier then" 1 "$TENANTRY" run job.yaml
	is_now OI-541 "parked tier-unproved"
	expect "which that decision does not cover in a later night either" 1 "$TENANTRY" run job.yaml
	check "nothing was made" test "$(made CreateTenant)" = 0
	expect "it can be skipped" 0 "$TENANTRY" decide OI-541 --skip --reason 'not wanted' --job job.yaml
	expect "then nothing waits" 0 "$TENANTRY" run job.yaml
	stop_sandbox
}
# price NAME STATUS VALUE COMMITMENT WORDS [SANDBOX OPTION...]: one paid partner, and what its price list says
price() {
	local name=$1 status=$2 value=$3 commitment=$4 words=$5
	shift 5
	fresh && partners "$value" && subscriptions 1 >subscriptions.csv
	[[ -n $commitment ]] && jq -c --argjson c "$commitment" '.tenants[0].commitment = $c' seed.json >seed.new && mv seed.new seed.json
	{ echo "$ORDER_HEADER"; buy 551 1; } >orders.csv
	job
	far_start "$@"
	expect "$name" "$status" "$TENANTRY" run job.yaml
	if ((status == 0)); then is_now OI-551 "done"; else is_now OI-551 "parked tier-unproved" && warns "$name: is told" "$words"; fi
	check "$name: it costs few calls" test "$(jq -s '[.[] | select(.operation == "FetchTenantPriceLists")] | length' requests.ndjson)" = 1
}
prices() {
	price "the commitment of the table proves it" 0 0 "" ""
	stop_sandbox
	price "a client without the scope" 1 0 "" "lacks the scope urn:acronis.com::service_plans_manager::price_list_reader, so it proves nothing" --fault FetchTenantPriceLists:403:count=0
	stop_sandbox
	price "a price list that is down is not waited for" 1 0 "" "gives nothing: FetchTenantPriceLists: 500" --fault FetchTenantPriceLists:500:count=0
	stop_sandbox
	price "a commitment that is no amount" 1 0 '"Tier A"' 'says "Tier A" in "USD": not readable as an amount, so it proves nothing'
	stop_sandbox
	price "one that may be a level" 1 0 '"1"' 'an amount or the number of a level'
	stop_sandbox
	price "one that is a JSON number" 1 0 250 'not readable as an amount'
	stop_sandbox
	price "a commitment that differs" 1 0 '"500"' 'says 500 USD, but the tenant has value 0, which the table has as Tier 1, 250.00 USD'
	confirm "$(id 1)" 1
	expect "whatever else speaks for it" 1 "$TENANTRY" run job.yaml
	warns "the confirmed partner is said too" "is on Tier 1, value 0 as mapped"
	check "nothing was made" test "$(made CreateTenant)" = 0
	stop_sandbox
}
agreeing() {
	fresh && partners 0 1 0 && subscriptions 1 2 1 >subscriptions.csv
	{ echo "$ORDER_HEADER"; buy 561 2; } >orders.csv
	job
	far_start --fault FetchTenantPriceLists:403:count=0
	expect "three paid partners that agree" 0 "$TENANTRY" run job.yaml
	is_now OI-561 "done"
	check "a first night reads each, the confirmed one, and is refused one price list" test "$(proof_calls)" = 5
	cp requests.ndjson first.ndjson
	{ echo "$ORDER_HEADER"; buy 562 2; } >orders.csv
	subscriptions 1 2 1 >subscriptions.csv
	expect "the next night" 0 "$TENANTRY" run job.yaml
	is_now OI-562 "done"
	tail -n +$(($(wc -l <first.ndjson) + 1)) requests.ndjson >second.ndjson && mv second.ndjson requests.ndjson
	check "has the partners from the one before: the confirmed one and one price list" test "$(proof_calls)" = 2
	stop_sandbox
	fresh && partners 0 1 && subscriptions 1 2 >subscriptions.csv
	{ echo "$ORDER_HEADER"; buy 563 2; } >orders.csv
	job
	far_start --fault FetchTenantPriceLists:403:count=0
	expect "two are too few" 1 "$TENANTRY" run job.yaml
	warns "and that is told" "2 paid partners compared (read now) agree, and 3 are needed"
	expect "check" 0 "$TENANTRY" check job.yaml
	says "shows the scope" "lacks the scope urn:acronis.com::service_plans_manager::price_list_reader"
	stop_sandbox
}
contradicted() {
	fresh && partners 1 2 1 0 && subscriptions 1 2 1 1 >subscriptions.csv
	{ echo "$ORDER_HEADER"; buy 571 0; buy 572 1; suspend 9; } >orders.csv
	job
	confirm "$(id 4)" 1
	far_start --fault FetchTenantPriceLists:403:count=0
	expect "most partners are one off" 2 "$TENANTRY" run job.yaml
	says "how many, and by what" "of 4 paid partners 3 have a tier_level_value that is 1 more than the table's"
	says "as the table has it" "As the table has it: Tier 1 = 0, Tier 2 = 1"
	says "as Acronis has it" "As Acronis has it: Tier 1 = 1, Tier 2 = 2"
	says "nothing was written" "nothing was written to Acronis or the BSS"
	check "in Acronis" test "$(written)" = 0
	check "nor for the BSS" test ! -s "$(last_run)/orders-executed.csv"
	check "the comparison was made" field "$(last_run)/run.json" '[.findings[] | select(.code == "tier-mismatch")] | length' 3
	check "run.json agrees" field "$(last_run)/run.json" '"\(.exit_status) \(.error.code)"' "2 tier-table"
	expect "reconcile only warns" 1 "$TENANTRY" reconcile job.yaml --propose fixes.yaml
	warns "and shows both" "As Acronis has it: Tier 1 = 1, Tier 2 = 2"
	sed -i 's/do: no/do: yes/' fixes.yaml
	expect "corrections are refused" 2 "$TENANTRY" apply job.yaml fixes.yaml
	expect "so is a plan" 2 "$TENANTRY" plan job.yaml
	check "still nothing was written" test "$(written)" = 0
	expect "check refuses it too" 2 "$TENANTRY" check job.yaml
	says "check says which values are in use" 'value 1 (Tier 2 in the table): 2 of 5 partners read, billed as Tier 1; such as "Reseller 1 Ltd" (a0000000-0000-4000-8000-000000000001)'
	says "and both readings" "N: Tier 1 = 1, Tier 2 = 2; N-1: Tier 1 = 0, Tier 2 = 1; the table follows N-1"
	# The table is put right: the same night goes on.
	sed -i 's/acronis: 1,/acronis: 2,/; s/acronis: 0,/acronis: 1,/' job.yaml
	confirm "$(id 1)" 1
	expect "a table that is put right" 1 "$TENANTRY" run job.yaml
	is_now OI-572 "done" && is_now OI-571 "done"
	stop_sandbox
}
corrections() {
	fresh && partners 5 && subscriptions 1 >subscriptions.csv
	orders >orders.csv
	job
	far_start --fault FetchTenantPriceLists:403:count=0
	expect "a partner on another tier" 1 "$TENANTRY" reconcile job.yaml --propose fixes.yaml
	sed -i 's/do: no/do: yes/' fixes.yaml
	expect "its correction to a paid tier" 1 "$TENANTRY" apply job.yaml fixes.yaml
	check "is skipped as tier-unproved" field "$(last_run)/run.json" '[.corrections.fixes[] | .state + " " + .reason] | join(",")' "skipped tier-unproved"
	check "and nothing was written" test "$(written)" = 0
	confirm "$(id 1)" 1
	expect "a confirmed partner with another value" 2 "$TENANTRY" apply job.yaml fixes.yaml
	says "is named with both" "has tier_level_value 5, but Tier 1 is mapped to 0"
	expect "check of a table that is not proved" 2 "$TENANTRY" check job.yaml
	confirm "$(id 9)" 0
	expect "and without a contradiction" 0 "$TENANTRY" check job.yaml
	says "check says what it means" "orders for paid tiers will be parked as tier-unproved"
	says "and that a night can run all the same" "a night can run, but leaves orders for paid tiers undone"
	stop_sandbox
}

if [[ ${1:-} == far ]]; then
	ip link set lo up && ip addr add $FAR/32 dev lo || exit 3
	unproved
	changed_order
	prices
	agreeing
	contradicted
	corrections
	finish
fi
if unshare -rn ip link set lo up 2>/dev/null; then
	unshare -rn bash "$SCRIPT" far >far.out 2>&1 || true
	grep -v ' passed, ' far.out
	PASSED=$(grep -c '^ok ' far.out) FAILED=$(grep -c '^not ok ' far.out)
	check "all of it was tried" grep -q ' passed, ' far.out
else
	echo "skipped: no network namespace here, so an address beyond this machine cannot be tried"
fi

# ---- On this machine: a rehearsal.
start_sandbox
expect "a rehearsal without proof" 0 true
orders 501 >orders.csv
write_job
expect "on this machine an unproved table is a warning" 0 "$TENANTRY" run job.yaml --now $NOW
warns "in the report" "done all the same, because the server is on this machine"
says "check says so" "" && expect "check" 0 "$TENANTRY" check job.yaml
says "with a warning" "would be parked, were the server not on this machine"
stop_sandbox
fresh && partners 1 2 1 && subscriptions 1 2 1 >subscriptions.csv && touch -d 2026-11-19T22:00:00Z subscriptions.csv
start_sandbox --seed seed.json
expect "a contradicted one is refused here too" 2 "$TENANTRY" run job.yaml --now $NOW
check "nothing was written" test "$(written)" = 0
expect "a comparison that the next night goes on from" 1 "$TENANTRY" reconcile job.yaml --now $NOW
expect "still contradicted" 2 "$TENANTRY" run job.yaml --now $NOW
says "by what was read again" "nothing was written to Acronis or the BSS"
for n in 1 2 3; do admin drift -X POST -H 'Content-Type: application/json' -d "{\"tenant\": \"$(id $n)\", \"tier\": $((n == 2))}" >/dev/null; done
expect "partners that were put right since stop no night" 0 "$TENANTRY" run job.yaml --now $NOW
is_now OI-501 "done"
check "and nothing is warned of" test -z "$(warned)"

# ---- The sandbox says what the sample jobs say.
admin drift -X POST -H 'Content-Type: application/json' -d "{\"tenant\": \"$(id 1)\", \"tier\": 0}" >/dev/null
token=$(curl -sS -u "$ACRONIS_CLIENT_ID:$ACRONIS_CLIENT_SECRET" -d grant_type=client_credentials "$URL/api/2/idp/token" | jq -r .access_token)
commitment() { # VALUE CURRENCY
	admin drift -X POST -H 'Content-Type: application/json' -d "{\"tenant\": \"$(id 1)\", \"tier\": $1, \"currency\": \"$2\"}" >/dev/null
	curl -sS -H "Authorization: Bearer $token" "$URL/api/price_sync/v1/effective_price_lists?tenant_id=$(id 1)&months=2026-11" | jq -r '.price_lists[0] | "\(.currency) \(.commitment)"'
}
for sample in demo nightly; do
	wrong=
	while read -r value amounts; do
		while read -r currency amount; do
			[[ $(commitment "$value" "$currency") == "$currency $amount" ]] || wrong+=" $value/$currency"
		done < <(tr ',' '\n' <<<"$amounts" | sed 's/[{} ]//g; s/:/ /')
	done < <(sed -n '/sold: false/d; s/^ *- {name: .*acronis: *\(-\{0,1\}[0-9]*\), *commitment: {\([^}]*\)}.*/\1 \2/p' "$ROOT/jobs/$sample.yaml")
	check "the commitments of jobs/$sample.yaml are the sandbox's:$wrong" test -z "$wrong"
	check "jobs/$sample.yaml says that neither reading is proved" grep -q "neither.*proved" "$ROOT/jobs/$sample.yaml"
done
finish
