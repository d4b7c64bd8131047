#!/usr/bin/env bash
# SQLite, in memory: sqlite.sh DATA OUT, or sqlite.sh prepare, which gives 77 where it is not installed.
set -eu
[[ $1 == prepare ]] && { command -v sqlite3 >/dev/null || exit 77; exit 0; }
sed "s|@DATA@|$1|g; s|@OUT@|$2|g" "$(dirname "$0")/sqlite_reconcile.sql" | sqlite3 :memory:
