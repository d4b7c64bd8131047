#!/usr/bin/env bash
# Provisioning against the sandbox: requests a second over a whole batch, against the ideal of CONNECTIONS / LATENCY.
#   provision.sh [ORDERS [CONNECTIONS [LATENCY_MS]]]     BUILD: a release build; BENCH_FAULTS: more options for the sandbox
# The pace is read from the sandbox's own log: from the first to the last request that belongs to an order.
set -eu
orders=${1:-400} connections=${2:-32} latency=${3:-50}
build=${BUILD:-build/release}
work=$(mktemp -d "${TMPDIR:-/tmp}/tenantry-bench.XXXXXX")
export ACRONIS_CLIENT_ID=7d1b4c02-5a3e-4f86-9c1d-0e2f3a4b5c6d ACRONIS_CLIENT_SECRET=rehearsal-secret-0123456789
# shellcheck disable=SC2086 # BENCH_FAULTS is a list of options
"$build/tenantry-sandbox" --port 0 --port-file "$work/port" --client-id $ACRONIS_CLIENT_ID --client-secret $ACRONIS_CLIENT_SECRET \
	--request-log "$work/requests.ndjson" --latency "${latency}ms" --quiet ${BENCH_FAULTS:-} &
sandbox=$!
trap 'kill $sandbox 2>/dev/null; wait $sandbox 2>/dev/null || true; rm -rf "$work"' EXIT
while [ ! -s "$work/port" ]; do kill -0 $sandbox; sleep 0.05; done
{
	echo 'Order Id,Order Item Id,Order Date,Order Status,Channel,Action,Account Id,Account,Is Reseller,Tier,Quantity,Currency,Email,Address 1,City,Post Code,Country Code,Terms Accepted,Product Code'
	for ((n = 10000; n < 10000 + orders; n++)); do
		echo "ORD-$n,OI-$n,2026-11-18,Submitted,BSS,new,$n,Reseller $n Ltd,true,Tier 1,1,USD,admin@r$n.example.com,1 Main St,Boston,02110,US,,"
	done
} >"$work/orders.csv"
echo 'Subscription Id,Account Id,Tier,Status,Currency' >"$work/subscriptions.csv"
cat >"$work/job.yaml" <<JOB
name: bench
root: $work
steps: [validate, provision, report]
ledger: bench.db
output: runs
bss: {name: main, orders: {csv: orders.csv}, subscriptions: {csv: subscriptions.csv}}
acronis: {url: "http://127.0.0.1:$(cat "$work/port")", client_id: {env: ACRONIS_CLIENT_ID}, client_secret: {env: ACRONIS_CLIENT_SECRET},
  parent: auto, connections: $connections, rate: 0, settle: 100ms}
contract: {licensing_mode: per_gb, offering_items: all, tiers: [{name: Tier 1, product: CCSP-T1, acronis: 0, commitment: {USD: 250}}]}
provision: {batch_size: $orders, max_changes: 1000000, max_errors: 50%}
report: {formats: [json]}
JOB
status=0
/usr/bin/env time -f '%M' -o "$work/peak" "$build/tenantry" run "$work/job.yaml" --quiet >"$work/out" 2>&1 || status=$?
[ "$status" -le 1 ] || { cat "$work/out"; exit "$status"; }
jq -rs --argjson c "$connections" --argjson l "$latency" --argjson peak "$(tail -1 "$work/peak")" --argjson orders "$orders" '
	def at: (.[0:19] + "Z" | fromdateiso8601) + (.[19:23] | ("0" + .) | tonumber);
	[.[] | select(.operation | IN("RequestTokens", "FetchClient", "FetchApplications", "FetchTenantsBatch", "FetchOfferingItemsAvailableForTenantChild") | not)] as $r
	| ($r | map(.time | at)) as $t | (($t | max) - ($t | min)) as $s | ($r | length) as $n | ($c / ($l / 1000)) as $ideal
	| "provision: \($orders) orders, \($n) requests in \($s * 1000 | round / 1000) s = \($n / $s | round) requests/s; ideal \($ideal | round); ratio \($n / $s / $ideal * 1000 | round / 1000); peak \($peak / 1024 * 10 | round / 10) MiB"
	, "figure\tprovision \($orders), \($c) connections at \($l) ms\t\($n / $s | round) requests/s\t90 % of \($ideal | round)\t\($n / $s / $ideal * 100 | round / 100)\t\($peak / 1024 * 10 | round / 10) MiB\t\(if $n / $s / $ideal >= 0.9 then "yes" else "no" end)"
	' "$work/requests.ndjson"
