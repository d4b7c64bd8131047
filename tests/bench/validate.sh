#!/bin/sh
# Speed and memory of intake: validate.sh [ROWS [RUNS]], with BUILD the folder of a release build (make all benches). Data goes to
# BENCH_DIR (default BUILD/bench/ROWS), on a real disk: the two result files are synced to it as they are at night.
set -eu
rows=${1:-1000000}
runs=${2:-5}
build=${BUILD:-build/release}
dir=${BENCH_DIR:-$build/bench/$rows}

[ -f "$dir/expected.json" ] || "$build/bench/gen" "$rows" 7 "$dir"
"$build/bench/validate_bench" "$dir" "$runs"
rm -rf "$dir/out"
