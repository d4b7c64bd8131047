#!/usr/bin/env bash
# DuckDB: duckdb.sh DATA OUT, or duckdb.sh prepare, which installs its library into the build folder and gives 77 where npm cannot.
set -eu
here=$(dirname "$0")
build=${BUILD:-build/release}
place=$build/bench/npm
library=$place/node_modules/@duckdb/node-bindings-linux-x64/libduckdb.so
if [[ $1 == prepare ]]; then
	cmp -s "$here/../package.json" "$place/package.json" && [[ -f $library ]] && exit 0
	mkdir -p "$place"
	cp "$here/../package.json" "$place/"
	npm install --prefix "$place" --silent --no-audit --no-fund --no-package-lock --fetch-retries=1 --fetch-timeout=30000 \
		>"$place/npm.log" 2>&1 && [[ -f $library ]] && exit 0
	rm -f "$place/package.json"
	exit 77
fi
exec "$build/bench/duckrun" "$library" "$here/duckdb_reconcile.sql" "$1" "$2"
