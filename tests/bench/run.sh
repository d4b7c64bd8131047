#!/usr/bin/env bash
# All benchmarks, each with its own ratio within one run:  tests/bench/run.sh [NAME]   after make all benches
set -eu
cd "$(dirname "$0")/../.."
export BUILD=${BUILD:-build/release}
wanted=${1:-}
want() { [ -z "$wanted" ] || [ "$wanted" = "$1" ]; }
if want validate; then sh tests/bench/validate.sh 1000000 5; fi
if want ledger; then "$BUILD/bench/bench_ledger" "$BUILD/bench"; fi
if want client; then "$BUILD/bench/bench_client"; fi
if want provision; then bash tests/bench/provision.sh 600 32 50; fi
if want reconcile; then sh tests/bench/reconcile.sh 100000 5; fi
if want pg; then bash tests/bench/pg.sh 1000000 3 10000; fi
