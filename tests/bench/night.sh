#!/usr/bin/env bash
# The whole command over CSV files: subscriptions, tenants, a month's invoice lines and rates; with ledger, snapshot and reports.
#   night.sh [ROWS [RUNS]]	after make all benches
# Half the rows must take half the time: it is measured at both sizes, and the ratio is of times a row.
set -eu
. "$(dirname "$0")/lib.sh"
rows=${1:-1000000} runs=${2:-1}
build=$(realpath "${BUILD:-build/release}")
[[ $rows -ge 20000 ]] || { echo "night: at least 20000 rows"; exit 2; }

make_night() { # ROWS FOLDER
	[[ -f $2/expected.json ]] || "$build/bench/gen" "$1" 7 "$2"
	head -1 "$2/orders.csv" >"$2/no-orders.csv"
	# One usage line a live subscription, in its own currency, above every commitment.
	[[ -f $2/invoices.csv ]] || awk -F, '
		BEGIN { print "Invoice Id,Invoice Date,Subscription Id,Account Id,Period Start,Period End,Kind,Currency,Amount" }
		NR == 1 { next }
		index($0, "\"") { gsub(/"([^"]|"")*"/, "Q"); $0 = $0 }
		$7 != "Cancelled" { printf "INV-%d,2026-11-05,%s,%s,2026-10-01,2026-10-31,usage,%s,%d%s\n", NR, $1, $3, $9, ($9 == "JPY" ? 100 : 1) * (20000 + NR % 977), $9 == "JPY" ? "" : ".50" }
	' "$2/subscriptions.csv" >"$2/invoices.csv"
	{
		echo 'From,To,Rate,Valid From,Valid To'
		printf 'USD,%s,2026-01-01,\n' EUR,0.91 GBP,0.78 AUD,1.52 JPY,155.2 CAD,1.38
	} >"$2/rates.csv"
	cat >"$2/night.yaml" <<-JOB
		name: bench
		root: $2
		steps: [reconcile, report]
		ledger: night.db
		output: runs
		bss: {name: main, orders: {csv: no-orders.csv}, subscriptions: {csv: subscriptions.csv}, invoices: {csv: invoices.csv}, rates: {csv: rates.csv}}
		acronis: {url: "http://127.0.0.1:9", client_id: {env: ACRONIS_CLIENT_ID}, client_secret: {env: ACRONIS_CLIENT_SECRET}, parent: auto}
		contract:
		  licensing_mode: per_gb
		  offering_items: all
		  tiers: [$(for ((n = 0; n < 8; n++)); do printf '{name: Tier %d, product: CCSP-T%d, acronis: %d, commitment: {USD: %d}}%s' $n $n $((n - 1)) $((n * 250)) "$([[ $n == 7 ]] || echo ', ')"; done)]
		reconcile: {min_coverage: 50%}
		report: {formats: [csv, json, html, xlsx]}
	JOB
}
export ACRONIS_CLIENT_ID=7d1b4c02-5a3e-4f86-9c1d-0e2f3a4b5c6d ACRONIS_CLIENT_SECRET=rehearsal-secret-0123456789
play() { # FOLDER: a first night, as nothing is known yet
	local status=0
	rm -rf "$1/night.db"* "$1/runs"
	timed "$1/night.times" "$build/tenantry" reconcile "$1/night.yaml" --tenants "$1/tenants.csv" --quiet >"$1/night.out" 2>&1 || status=$?
	[[ $status -le 1 ]] || { cat "$1/night.out"; exit "$status"; }
	sed -i '/^Command exited/d' "$1/night.times"
}
for size in $((rows / 10)) "$rows"; do
	folder=$build/bench/$size
	make_night "$size" "$folder"
	rm -f "$folder/night.times"
	for ((run = 0; run < runs; run++)); do play "$folder"; done
done
small=$(awk '{ print $1 }' "$build/bench/$((rows / 10))/night.times" | median)
seconds=$(awk '{ print $1 }' "$folder/night.times" | median) peak=$(awk '{ print $2 / 1024 }' "$folder/night.times" | median)
growth=$(awk -v s="$small" -v l="$seconds" 'BEGIN { print l / 10 / s }')
findings=$(wc -l <"$(echo "$folder"/runs/*/findings.csv)")
printf 'night %d: %.1f s, %.0f MiB, %d findings; a tenth of it %.1f s: %.2f times as long a row\n' "$rows" "$seconds" "$peak" "$((findings - 1))" "$small" "$growth"
figure "whole reconcile, $rows and as many invoice lines" "$(printf '%.1f s' "$seconds")" - - "$(printf '%.0f MiB' "$peak")" -
figure "whole reconcile: time a row, $rows to $((rows / 10))" "$(printf '%.1f s, %.1f s' "$seconds" "$small")" "linear, <= 1.5" "$(printf '%.2f' "$growth")" - "$(met "$growth" '<=' 1.5)"
