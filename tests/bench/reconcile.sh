#!/usr/bin/env bash
# The comparison from two files to the list of findings, beside peers that do the same work and give the same bytes, turn by turn:
#   reconcile.sh [ROWS [RUNS [PEER...]]]	after make all benches; PEER: a script in peers/
# Ratios are of pairs that ran one after the other, so that both had the same machine.
set -eu
here=$(dirname "$0")
. "$here/lib.sh"
rows=${1:-1000000} runs=${2:-5}
shift $(($# < 2 ? $# : 2))
[[ $# -gt 0 ]] || set -- duckdb
build=${BUILD:-build/release}
data=${BENCH_DIR:-$build/bench/$rows}
work=$data/reconcile
mkdir -p "$work/ours"
[[ -f $data/expected.json ]] || "$build/bench/gen" "$rows" 7 "$data"
peers=()
for peer in "$@"; do
	status=0
	BUILD=$build bash "$here/peers/$peer.sh" prepare || status=$?
	if [[ $status == 77 ]]; then
		echo "reconcile: skipped $peer: it is not installed, and cannot be installed from here"
		figure "reconcile $rows: $peer" skipped - - - -
	else
		[[ $status == 0 ]] || exit "$status"
		peers+=("$peer")
		mkdir -p "$work/$peer"
		rm -f "$work/$peer.times" "$work/$peer.ours"
	fi
done

ours() { timed "$1" "$build/bench/reconcile_files" "$data" "$work/ours" >"$work/ours.counts"; }
same() { cmp -s "$work/ours/findings.csv" "$work/$1/findings.csv" || { echo "reconcile: the findings of $1 are others than ours"; exit 1; }; }

rm -f "$work/alone"
ours "$work/alone"
jq -r '.reconcile.classes | to_entries[] | select(.value > 0) | "\(.key),\(.value)"' "$data/expected.json" | sort >"$work/expected"
sort "$work/ours.counts" | cmp -s - "$work/expected" || { echo "reconcile: the counts are not those that were generated"; exit 1; }
for peer in "${peers[@]}"; do
	for ((run = 0; run < runs; run++)); do
		ours "$work/$peer.ours"
		BUILD=$build timed "$work/$peer.times" bash "$here/peers/$peer.sh" "$data" "$work/$peer" >"$work/$peer.counts"
		same "$peer"
	done
	paste -d' ' "$work/$peer.ours" "$work/$peer.times" >"$work/$peer.pairs"
	time_ratio=$(awk '{ print $3 / $1 }' "$work/$peer.pairs" | median)
	peak_ratio=$(awk '{ print $4 / $2 }' "$work/$peer.pairs" | median)
	seconds=$(awk '{ print $1 }' "$work/$peer.pairs" | median) peak=$(awk '{ print $2 / 1024 }' "$work/$peer.pairs" | median)
	awk '{ printf "reconcile: ours %.2f s %.0f MiB, peer %.2f s %.0f MiB\n", $1, $2 / 1024, $3, $4 / 1024 }' "$work/$peer.pairs"
	printf 'reconcile %d against %s: %.2f s, %.2f times as fast; %.0f MiB, it takes %.2f times that (medians of %d pairs; findings equal)\n' \
		"$rows" "$peer" "$seconds" "$time_ratio" "$peak" "$peak_ratio" "$runs"
	target=- time_met=- peak_met=-
	[[ $peer != duckdb ]] || { target="no more" time_met=$(met "$time_ratio" '>=' 1) peak_met=$(met "$peak_ratio" '>=' 1); }
	figure "reconcile $rows: time against $peer" "$(printf '%.2f s' "$seconds")" "$target" "$(printf '%.2f' "$time_ratio")" \
		"$(printf '%.0f MiB' "$peak")" "$time_met"
	figure "reconcile $rows: memory against $peer" "$(printf '%.0f MiB' "$peak")" "$target" "$(printf '%.2f' "$peak_ratio")" - "$peak_met"
done
sha256sum "$work/ours/findings.csv" | awk '{ print "reconcile: sha256 of the findings, the same for all: " $1 }'
