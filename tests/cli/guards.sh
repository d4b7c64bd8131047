#!/usr/bin/env bash
# A side that cannot be believed is no comparison: exit status 3 with the reason, and what was found before stays as it was.
. "$(dirname "$0")/lib.sh"
cd "$WORK" || exit 2
id() { printf 'a0000000-0000-4000-8000-%012d' "$1"; }
jq -nc '{tenants: [range(20) | (. + 1) as $i | {id: ("a0000000-0000-4000-8000-" + ("000000000000" + ($i | tostring))[-12:]),
	name: "Reseller \($i) Ltd", customer_id: "\($i)", created_at: "2026-01-01T00:00:00Z", tier: (if $i == 1 then 1 else 0 end),
	licensing_mode: "per_gb", pricing: {mode: "production", currency: "USD"}}]}' >seed.json
start_sandbox --seed seed.json
orders >orders.csv
subscriptions() { # HOW MANY
	echo "$SUBSCRIPTION_HEADER"
	for ((n = 1; n <= $1; n++)); do echo "S-$n,$(id $n),$n,Reseller $n Ltd,,CCSP-T1,Tier 1,Active,1,USD,2026-01-01,,0,no,Synchronized,2026-10-01T00:00:00Z"; done
}
write_job
export_of() { subscriptions "$1" >subscriptions.csv && touch -d "2026-11-$2T22:00:00Z" subscriptions.csv; }
night() { "$TENANTRY" reconcile job.yaml --now "2026-11-${1}T01:30:00Z" "${@:2}"; }
finding() { "$TENANTRY" show "$first" --job job.yaml --json 2>/dev/null | jq -S '.findings[0] | {state, first_seen, last_seen, runs_open}'; }
stays() { check "what was found before is as it was" test "$(finding)" = "$before"; }
refused() { # NAME REASON
	check "$1: nothing was compared" field "$(last_run)/run.json" .reconciliation null
	says "$1: says why" "$2"
	stays
}

export_of 20 10
expect "a tier differs" 1 night 11
first=$(jq -r '.findings[0].id' "$(last_run)/run.json")
before=$(finding)
check "and is open" test "$(jq -r .state <<<"$before")" = open

expect "an export of the day before yesterday" 3 night 13
refused "stale" "more than reconcile.max_age"
export_of 0 12
expect "an export with only its header" 3 night 13
refused "empty" "there are no subscriptions, but the last run saw 20"
export_of 15 12
expect "an export that lost a quarter" 3 night 13
refused "shrunken" "the subscriptions shrank from 20 to 15"
export_of 20 12
changes=
for n in 11 12 13 14 15; do changes+="{\"tenant\": \"$(id $n)\", \"parent\": \"$(id 2)\"},"; done
admin drift -X POST -H 'Content-Type: application/json' -d "{\"changes\": [${changes%,}]}" >/dev/null
sed -i 's/^\(S-1[1-5],\)[^,]*,/\1,/' subscriptions.csv
touch -d 2026-11-12T22:00:00Z subscriptions.csv
for how in "" --full; do
	# shellcheck disable=SC2086
	expect "a list of tenants that lost a quarter ${how:-(changes)}" 3 night 13 $how
	refused "shrunken tenants" "the tenants shrank from 20 to 15"
done
admin faults -X POST -H 'Content-Type: application/json' -d '{"add": ["FetchTenantsBatch:500:count=0"]}' >/dev/null
for how in "" --full; do
	# shellcheck disable=SC2086
	expect "a list that breaks ${how:-(changes)}" 3 night 13 $how
	stays
done
faults_off
sed -i 's/max_shrink: .*//; s/^  min_coverage.*/  min_coverage: 95%\n  max_shrink: 50%/' job.yaml
expect "what is right is compared when somebody says so" 1 night 13
check "the finding goes on from where it was" test "$(finding | jq -r '"\(.state) \(.runs_open)"')" = "open 2"
finish
