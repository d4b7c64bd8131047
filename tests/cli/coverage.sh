#!/usr/bin/env bash
# Under min_coverage: what could be compared is shown, and what was found before stays as it was.
. "$(dirname "$0")/lib.sh"
tenants() {
	local n
	for n; do
		printf '%s{"id": "0000000%d-1111-4111-8111-111111111111", "name": "Reseller %d Ltd", "kind": "partner", "customer_id": "%d", "tier": 0, "licensing_mode": "per_gb", "offering_items": "all", "pricing": {"mode": "production", "currency": "USD"}}' "${comma:-}" "$n" "$n" "$n"
		comma=,
	done
}
echo "{\"tenants\": [$(tenants 1 2 3 4)]}" >"$WORK/seed.json"
start_sandbox --seed "$WORK/seed.json" --now $NOW
cd "$WORK" || exit 2
echo "$ORDER_HEADER" >orders.csv
subscription() { echo "S-$1,0000000$1-1111-4111-8111-111111111111,$1,Reseller $1 Ltd,,,$2,Active,1,${3-USD},2026-01-01,,,false,,2026-11-19T01:00:00Z"; }
all() {
	echo "$SUBSCRIPTION_HEADER"
	subscription 1 "$1"
	subscription 2 "$2"
	subscription 3 "Tier 1"
	subscription 4 "Tier 1" "$3"
}
write_job
codes() { jq -r '[.findings[].code] | sort | join(" ")' "$(last_run)/run.json"; }

all "Tier 2" "Tier 1" USD >subscriptions.csv
expect "a tier differs" 1 "$TENANTRY" reconcile job.yaml --now $NOW
check "it is found, for good" test "$(codes) $(jq .reconciliation.in_part "$(last_run)/run.json")" = "tier-mismatch false"
first=$(jq -r ".findings[0].id" "$(last_run)/run.json")

# Its tier is right now, another one differs, and a third account cannot be compared: 75 % of 95 %.
all "Tier 1" "Tier 2" "" >subscriptions.csv
expect "under min_coverage" 3 "$TENANTRY" reconcile job.yaml --now $NOW
says "it says so" "compared in part: not conclusive, and nothing was resolved"
says "and why" "less than reconcile.min_coverage"
check "no command asks for what is not remembered" bash -c '! grep -q "show F-" "$1"' _ "$WORK/out"
check "what was found is in run.json" test "$(codes)" = "not-compared tier-mismatch"
check "marked" field "$(last_run)/run.json" '"\(.reconciliation.in_part) \(.reconciliation.resolved) \([.findings[].evidence | contains("not conclusive")] | all)"' "true 0 true"
check "and in findings.csv" test "$(grep -c 'not conclusive' "$(last_run)/findings.csv")" = 2
check "the HTML says it too" grep -q "Compared in part" "$(last_run)/report.html"
expect "the earlier finding" 0 "$TENANTRY" show "$first" --job job.yaml --json
check "stays as it was" field "$WORK/out" '.findings[0] | "\(.state) \(.runs_open)"' "open 1"

all "Tier 1" "Tier 1" USD >subscriptions.csv
expect "all of it again" 0 "$TENANTRY" reconcile job.yaml --now $NOW
check "now they are resolved" field "$(last_run)/run.json" '"\(.findings | length) \(.reconciliation.resolved)"' "0 1"
finish
