#!/usr/bin/env bash
# Provisioning against the sandbox, one batch of new orders:  provision.sh [ORDERS [CONNECTIONS [LATENCY_MS [RUNS]]]]
# BUILD: a release build with its benches. A night is measured from the first to the last request that belongs to an order, by the
# sandbox's own log:
#   journal   requests a second beside the ideal, CONNECTIONS / LATENCY, and beside the same program without its journal, turn by turn
#   faults    one request in a hundred is disturbed, each kind of fault in its turn
# Where faults delay answers the ideal is what the connections could do at best: the time that the sandbox took over its answers,
# spread evenly over them, and the pauses that a Retry-After ordered, in which nothing may be sent.
#   calls     how many an order takes in a calm night: 20 and the two of the second look before its tenant is made
# After each night the sandbox must have exactly one tenant of each order and one mail of each user.
set -eu
calls_most=22
orders=${1:-600} connections=${2:-32} latency=${3:-50} runs=${4:-3}
build=${BUILD:-build/release}
work=$(mktemp -d "${BENCH_TMP:-/var/tmp}/tenantry-bench.XXXXXX")
export ACRONIS_CLIENT_ID=7d1b4c02-5a3e-4f86-9c1d-0e2f3a4b5c6d ACRONIS_CLIENT_SECRET=rehearsal-secret-0123456789
sandbox=
trap '[ -z "$sandbox" ] || kill $sandbox 2>/dev/null; wait; rm -rf "$work"' EXIT
# Others at work on the machine are not to be measured.
first=
if chrt -r 50 true 2>/dev/null; then first='chrt -r 50'; fi

# begin COUNT [SANDBOX OPTION]...: a sandbox of its own, orders and the job
begin() {
	local count=$1 n
	shift
	rm -rf "${work:?}"/*
	# shellcheck disable=SC2086 # a list of words
	$first "$build/tenantry-sandbox" --port 0 --port-file "$work/port" --client-id $ACRONIS_CLIENT_ID \
		--client-secret $ACRONIS_CLIENT_SECRET --request-log "$work/requests.ndjson" --latency "${latency}ms" --quiet "$@" &
	sandbox=$!
	while [ ! -s "$work/port" ]; do kill -0 $sandbox; sleep 0.05; done
	url=http://127.0.0.1:$(cat "$work/port")
	{
		echo 'Order Id,Order Item Id,Order Date,Order Status,Channel,Action,Account Id,Account,Is Reseller,Tier,Quantity,Currency,Email,Address 1,City,Post Code,Country Code,Terms Accepted,Product Code'
		for ((n = 10000; n < 10000 + count; n++)); do
			echo "ORD-$n,OI-$n,2026-11-18,Submitted,BSS,new,$n,Reseller $n Ltd,true,Tier 1,1,USD,admin@r$n.example.com,1 Main St,Boston,02110,US,,"
		done
	} >"$work/orders.csv"
	echo 'Subscription Id,Account Id,Tier,Status,Currency' >"$work/subscriptions.csv"
	cat >"$work/job.yaml" <<-JOB
		name: bench
		root: $work
		steps: [validate, provision, report]
		ledger: bench.db
		output: runs
		bss: {name: main, orders: {csv: orders.csv}, subscriptions: {csv: subscriptions.csv}}
		acronis: {url: "$url", client_id: {env: ACRONIS_CLIENT_ID}, client_secret: {env: ACRONIS_CLIENT_SECRET},
		  parent: auto, connections: $connections, rate: 0, settle: 100ms}
		contract: {licensing_mode: per_gb, offering_items: all, tiers: [{name: Tier 1, product: CCSP-T1, acronis: 0, commitment: {USD: 250}}]}
		provision: {batch_size: $count, max_changes: 1000000, max_errors: 50%}
		report: {formats: [json]}
	JOB
}
end() {
	kill $sandbox
	wait $sandbox 2>/dev/null || true
	sandbox=
}
# night PROGRAM COMMAND...: exit status 1 is a night in which a fault cost an order
night() {
	local status=0
	# shellcheck disable=SC2086
	/usr/bin/env time -f '%M' -o "$work/peak" $first "$@" --quiet >"$work/out" 2>&1 || status=$?
	[ "$status" -le 1 ] || { cat "$work/out"; exit "$status"; }
}
# exactly_one WHAT COUNT FILTER: of each order, COUNT of them
exactly_one() {
	local found
	found=$(curl -sS "$url/admin/$1" | jq -c "$3 | {all: length, different: (unique | length)}")
	[ "$found" = "{\"all\":$2,\"different\":$2}" ] || { echo "provision: $1: $found, not $2 of different orders"; exit 1; }
}
tags='[.. | objects | select(.internal_tag? // "" | startswith("main/OI-")) | .internal_tag]'
logins='[.mails[].login]'
# pace EXPRESSION: the night in numbers. Requests that are not about one order are left out.
pace() {
	jq -rn --argjson c "$connections" --argjson l "$latency" --argjson peak "$(tail -1 "$work/peak")" "
		def at: (.[0:19] + \"Z\" | fromdateiso8601) + (.[19:23] | (\"0\" + .) | tonumber);
		[inputs | select(.operation | IN(\"RequestTokens\", \"FetchClient\", \"FetchApplications\", \"FetchTenantsBatch\",
			\"FetchOfferingItemsAvailableForTenantChild\") | not)] as \$r
		| (\$r | map(.time | at)) as \$t | ((\$t | max) - (\$t | min)) as \$s | (\$r | length) as \$n | (\$c / (\$l / 1000)) as \$ideal
		| $1" "$work/requests.ndjson"
}
median() { sort -n | awk '{v[NR] = $1} END {print v[int((NR + 1) / 2)]}'; }

# ---- With the journal and without.
for ((run = 0; run < runs; run++)); do
	for program in tenantry bench/tenantry-no-journal; do
		begin "$orders"
		night "$build/$program" run "$work/job.yaml"
		exactly_one state "$orders" "$tags"
		exactly_one mails "$orders" "$logins"
		pace '$n / $s' >>"$work.${program##*/}"
		[ $program != tenantry ] || calls=$(pace "[\$r | group_by(.operation)[] | length | select(. >= $orders)] | add") # not those of the run
		[ $program != tenantry ] || tail -1 "$work/peak" >"$work.peak"
		[ $program != tenantry ] || pace '"provision: \($n) requests in \($s * 1000 | round / 1000) s, peak \($peak / 1024 * 10 | round / 10) MiB"'
		end
	done
done
with=$(median <"$work.tenantry") without=$(median <"$work.tenantry-no-journal")
rm -f "$work.tenantry" "$work.tenantry-no-journal"
peak=$(awk '{printf "%.1f", $1 / 1024}' "$work.peak")
rm -f "$work.peak"
awk -v w="$with" -v o="$without" -v n="$orders" -v i="$((connections * 1000 / latency))" -v c="$connections" -v l="$latency" -v p="$peak" 'BEGIN {
	cost = (1 - w / o) * 100
	printf "provision %d orders: %.0f requests/s, ideal %d, ratio %.3f; without a journal %.0f, it costs %.1f %%\n", n, w, i, w / i, o, cost
	printf "figure\tprovision %d, %d connections at %d ms\t%.0f requests/s\t90 %% of %d\t%.2f\t%s MiB\t%s\n", n, c, l, w, i, w / i, p, (w / i >= 0.9 ? "yes" : "no")
	printf "figure\tprovision %d, cost of the journal\t%.1f %%\tat most 10 %%\t%.2f\t-\t%s\n", n, cost, w / o, (cost <= 10 ? "yes" : "no") }'

awk -v n="$calls" -v o="$orders" -v most=$calls_most 'BEGIN {
	printf "provision %d orders: %.2f calls an order in a calm night, at most %d\n", o, n / o, most
	printf "figure\tprovision %d, calls an order\t%.2f\tat most %d\t%.2f\t-\t%s\n", o, n / o, most, most * o / n, (n <= most * o ? "yes" : "no") }'

# ---- With faults. Those that only mean something for one call are as rare, counted over all requests: that call is one in twenty.
count=$((orders * 2)) kinds=(lost-after lost-before 429 500 slow 503 expired-token 429-date \
	500:commit=yes cut-body 403 503:commit=yes 429-no-hint html)
faults=(--fault CreateTenant:1004:every=90:nth=10 --fault PUT:1001:every=500:nth=50 --fault SetTenantOfferingItems:426:every=90:nth=20
	--fault SendActivationEmail:mail-refused:every=90:nth=30)
every=$((100 * (${#kinds[@]} + 4)))
for ((k = 0; k < ${#kinds[@]}; k++)); do faults+=(--fault "*:${kinds[k]}:every=$every:nth=$((100 * k + 100))"); done
begin "$count" "${faults[@]}"
night "$build/tenantry" run "$work/job.yaml"
# Seconds in which nothing may be sent: from the answer on, as many as Retry-After says; a date has whole ones only.
pace '([$r[] | select(.fault == "429" or .fault == "429-date") | (.time | at) as $from
		| [$from + $l / 1000, if .fault == "429" then $from + $l / 1000 + 1 else ($from | floor) + 1 end]] | sort
		| reduce .[] as $p ({end: 0, sum: 0}; ([.end, $p[0]] | max) as $from | if $p[1] > $from then {end: $p[1], sum: (.sum + $p[1] - $from)} else . end) | .sum) as $ordered
	| ([$r[] | select(.fault == "slow")] | length * 5) as $slow
	| (($n * $l / 1000 + $slow) / $c + $ordered) as $best
	| ([$r[] | select(.fault)] | length) as $faults
	| "provision with faults: \($faults) of \($n) requests disturbed (\($r | map(.fault // empty) | unique | length) kinds), \($s * 10 | round / 10) s; at best \($best * 10 | round / 10) s, of which \($ordered * 10 | round / 10) s are ordered pauses; ratio \($best / $s * 1000 | round / 1000)",
		"figure\tprovision \($n) requests, 1 % disturbed\t\($s * 10 | round / 10) s\t80 % of \($best * 10 | round / 10) s\t\($best / $s * 100 | round / 100)\t\($peak / 1024 * 10 | round / 10) MiB\t\(if $best / $s >= 0.8 then "yes" else "no" end)"'
# What a fault cost is made good the next morning: nothing but mails in doubt is left, and these went out once or not at all.
curl -sS "$url/admin/faults" -X POST -H 'Content-Type: application/json' -d '{"clear": true}' >/dev/null
night "$build/tenantry" retry last --include-parked --job "$work/job.yaml"
doubts=$(jq '[.items[] | select(.state == "parked" and .reason == "mail-in-doubt")] | length' "$work"/runs/*/run.json | tail -1)
exactly_one state "$count" "$tags"
mails=$(curl -sS "$url/admin/mails" | jq '.mails | length')
exactly_one mails "$mails" "$logins"
[ "$mails" -le "$count" ] && [ "$mails" -ge $((count - doubts)) ] || { echo "provision with faults: $mails mails, $doubts in doubt"; exit 1; }
echo "provision with faults: after a retry each of $count orders has one tenant, $mails have had one mail, $doubts mails are in doubt"
end
