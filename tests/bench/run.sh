#!/usr/bin/env bash
# All benchmarks, each with its own ratio within one run:  tests/bench/run.sh [NAME]
set -eu
cd "$(dirname "$0")/../.."
export BUILD=${BUILD:-build/release}
wanted=${1:-}
want() { [ -z "$wanted" ] || [ "$wanted" = "$1" ]; }
objects=$(find "$BUILD/src" -name '*.o' ! -path '*/sandbox/*' ! -name main.o ! -name docs_main.o | sort)
# compile NAME FILES...: a benchmark program over the objects of the build
compile() {
	local name=$1
	shift
	# shellcheck disable=SC2046,SC2086 # lists of words
	${CC:-cc} -std=c11 -D_GNU_SOURCE -O2 -Iinclude -Isrc -Itests -Itests/fake $(pkg-config --cflags libmicrohttpd gnutls) -o "$BUILD/bench/$name" "$@" $objects \
		$(pkg-config --libs libpq libcurl jansson yaml-0.1 sqlite3 xlsxwriter libzstd libxxhash nettle gmp libmicrohttpd gnutls) -lcsv -lpthread
}
mkdir -p "$BUILD/bench"
if want validate; then sh tests/bench/validate.sh 1000000 5; fi
if want ledger; then compile ledger tests/bench/bench_ledger.c && "$BUILD/bench/ledger" "$BUILD/bench"; fi
if want client; then compile client tests/bench/bench_client.c tests/fake/fake_server.c && "$BUILD/bench/client"; fi
if want provision; then bash tests/bench/provision.sh 600 32 50; fi
if want reconcile; then sh tests/bench/reconcile.sh 100000 5; fi
if want pg; then compile pg tests/bench/pg_bench.c tests/fake/fake_job.c && bash tests/bench/pg.sh 1000000 3 10000; fi
