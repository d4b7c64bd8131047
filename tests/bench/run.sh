#!/usr/bin/env bash
# All benchmarks, each with its own ratio within one run, and one table of their figures:
#   tests/bench/run.sh [NAME]	after make all benches; NAME: one of those below
set -eu
cd "$(dirname "$0")/../.."
export BUILD=${BUILD:-build/release}
wanted=${1:-}
figures=$(mktemp "${TMPDIR:-/tmp}/tenantry-figures.XXXXXX")
trap 'rm -f "$figures"' EXIT
status=0 played=0
# play NAME COMMAND...: its figures go into the table; that one fails keeps none of the others from being played
play() {
	local name=$1
	shift
	[[ -z $wanted || $wanted == "$name" ]] || return 0
	played=1
	if ! "$@" | awk -v file="$figures" '/^figure\t/ { sub(/^figure\t/, ""); print >>file; close(file); next } { print; fflush() }'; then
		echo "$name: failed"
		printf '%s\tfailed\t-\t-\t-\tno\n' "$name" >>"$figures"
		status=1
	fi
}
set -o pipefail
play validate bash tests/bench/validate.sh 1000000 5
play ledger "$BUILD/bench/bench_ledger" "$BUILD/bench"
play client "$BUILD/bench/bench_client"
play provision bash tests/bench/provision.sh 600 32 50
play duckdb bash tests/bench/reconcile.sh 1000000 5 duckdb
play reconcile bash tests/bench/reconcile.sh 100000 3 duckdb sort_join sqlite
play night bash tests/bench/night.sh 1000000
play pg bash tests/bench/pg.sh 1000000 3 10000
[[ $played == 1 ]] || { echo "bench: there is no benchmark $wanted; see tests/bench/run.sh"; exit 2; }
echo
{ printf 'what\tmeasured\ttarget\tratio\tpeak memory\tmet\n'; cat "$figures"; } | awk -F'\t' '
	{ for (i = 1; i <= NF; i++) { cell[NR, i] = $i; if (length($i) > width[i]) width[i] = length($i) } if (NF > columns) columns = NF }
	END { for (row = 1; row <= NR; row++) { line = ""; for (i = 1; i <= columns; i++) line = line sprintf("%-" (width[i] + 2) "s", cell[row, i]); sub(/ +$/, "", line); print line } }'
exit $status
