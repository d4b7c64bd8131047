#!/bin/sh
# Speed and memory of a comparison from files: reconcile.sh [ROWS [RUNS]], with BUILD the folder of a release build (make all benches).
set -eu
rows=${1:-100000}
runs=${2:-5}
build=${BUILD:-build/release}
dir=${BENCH_DIR:-$build/bench/$rows}

[ -f "$dir/expected.json" ] || "$build/bench/gen" "$rows" 7 "$dir"
mkdir -p "$dir/out"
for _ in $(seq "$runs"); do "$build/bench/reconcile_files" "$dir" "$dir/out" >/dev/null; done
