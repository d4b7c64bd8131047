#!/bin/sh
# Speed and memory of intake: validate.sh [ROWS [RUNS]], with BUILD the folder of a release build (make all). Data goes to
# BENCH_DIR (default BUILD/bench/ROWS), on a real disk: the two result files are synced to it as they are at night.
set -eu
rows=${1:-1000000}
runs=${2:-5}
build=${BUILD:-build/release}
dir=${BENCH_DIR:-$build/bench/$rows}
cc=${CC:-cc}

mkdir -p "$dir" "$build/bench"
flags="-std=c11 -D_GNU_SOURCE -Iinclude -Isrc -Itests/fake -O2"
objects=$(find "$build/src" -name '*.o' ! -path '*/sandbox/*' ! -name main.o ! -name docs_main.o | sort)
libs="$(pkg-config --libs libpq libcurl jansson yaml-0.1 sqlite3 xlsxwriter libzstd libxxhash nettle) -lcsv -lgmp"
# shellcheck disable=SC2086 # lists of words
$cc $flags -o "$build/bench/gen" tests/bench/gen*.c $objects $libs
# shellcheck disable=SC2086
$cc $flags -o "$build/bench/validate" tests/bench/validate_bench.c tests/fake/fake_job.c $objects $libs

[ -f "$dir/expected.json" ] || "$build/bench/gen" "$rows" 7 "$dir"
"$build/bench/validate" "$dir" "$runs"
rm -rf "$dir/out"
