#!/usr/bin/env bash
# Speed of the BSS database: pg.sh [ROWS [RUNS [ORDERS]]], with BUILD the folder of a release build and "$BUILD/bench/pg_bench" (make all benches).
# Reading: all pending orders streamed and validated, beside psql's COPY of the same query to /dev/null, turn by turn, so that both
# have the same machine. Writing: subscriptions begun and orders executed, in batches, with fsync as a real server has it.
rows=${1:-1000000} runs=${2:-3} orders=${3:-10000}
TMPDIR=${BENCH_TMP:-/var/tmp}
export TMPDIR
. "$(dirname "$0")/../cli/lib.sh"
. "$(dirname "$0")/../cli/pg_lib.sh"
pg_start shared_buffers=128MB max_wal_size=4GB

fill() { # DATABASE ROWS
	sql postgres -c "create database $1"
	sql "$1" -f "$ROOT/samples/bss/schema.sql" >/dev/null
	sql "$1" -v rows="$2" <<-'SQL' >/dev/null
		insert into bss_product (code, name, product_type_code, tier_code) select 'CCSP-T' || n, 'Tier ' || n, 'CCSP', 'Tier ' || n from generate_series(0, 7) n;
		insert into bss_account (account_id, name, email, is_reseller, currency, contact_first_name, contact_last_name, phone)
			select n, 'Reseller ' || n || ' Ltd', 'admin@r' || n || '.example.com', true, 'USD', 'Ann', 'Lee', '+1 555 ' || n from generate_series(1, :rows) n;
		insert into bss_account_address (account_id, is_billing, address1, city, post_code, country_code)
			select n, true, n || ' Main Street', 'Boston', lpad((n % 99999)::text, 5, '0'), 'US' from generate_series(1, :rows) n;
		insert into bss_account_sync (account_id, system_code, username) select n, 'acronis', 'admin@r' || n || '.example.com' from generate_series(1, :rows) n;
		insert into bss_order (order_id, order_date, account_id, status_name, storefront_type, currency, terms_accepted)
			select 'ORD-' || n, '2026-11-01'::timestamptz + n % 20 * interval '1 day', n, 'Submitted', 'Storefront', 'USD', true from generate_series(1, :rows) n;
		insert into bss_order_item (order_item_id, order_id, product_id, tier_code, quantity, action)
			select 'OI-' || n, 'ORD-' || n, p.product_id, p.tier_code, case when n % 50 = 0 then 2 else 1 end, 'new'
			from generate_series(1, :rows) n join bss_product p on p.code = 'CCSP-T' || n % 8;
	SQL
	sql "$1" -c 'vacuum analyze' -c checkpoint
	export BSS_CONNINFO="host=$PG_SOCKET port=$PG_PORT dbname=$1 user=tenantry"
}
median() { sort -n | awk '{v[NR] = $1} END {print v[int((NR + 1) / 2)]}'; }
now() { date +%s.%N; }

# ---- Reading.
fill reading "$rows"
query=$(sed 's/--.*//' "$ROOT/src/bss/sql/pending_orders.sql")
for ((run = 0; run < runs; run++)); do
	begun=$(now)
	psql -Xq -h "$PG_SOCKET" -p "$PG_PORT" -U tenantry -d reading -c "copy ($query) to stdout" >/dev/null
	echo "$(now) - $begun" | bc >>"$WORK/psql"
	read -r _ seconds read_rows mib < <("$BUILD/bench/pg_bench" read BSS_CONNINFO "$WORK/out") || exit 1
	[[ $read_rows == "$rows" ]] || { echo "pg read: $read_rows rows of $rows"; exit 1; }
	echo "$seconds" >>"$WORK/ours"
	echo "$mib" >>"$WORK/mib"
	printf 'pg read: psql %.2f s, ours %.2f s, peak %s MiB\n' "$(tail -1 "$WORK/psql")" "$seconds" "$mib"
done
psql_s=$(median <"$WORK/psql") ours_s=$(median <"$WORK/ours") peak=$(sort -n "$WORK/mib" | tail -1)
awk -v p="$psql_s" -v o="$ours_s" -v m="$peak" -v r="$rows" 'BEGIN {
	printf "pg read %d rows: psql COPY %.0f rows/s, streamed and validated %.0f rows/s, ratio %.2f (target 0.70), peak %s MiB (limit 48)\n", r, r / p, r / o, p / o, m
	printf "figure\tpg read %d\t%.0f rows/s\t0.70 of psql, 48 MiB\t%.2f\t%s MiB\t%s\n", r, r / o, p / o, m, (p / o >= 0.70 && m <= 48) ? "yes" : "no" }'
sql postgres -c 'drop database reading'

# ---- Writing, with the disk as it is.
sql postgres -c 'alter system set fsync = on' -c 'select pg_reload_conf()' >/dev/null
for batch in 16 50 500; do
	fill "writing_$batch" "$orders"
	sql "writing_$batch" -c 'update bss_order_item set quantity = 1' -c 'vacuum analyze' -c checkpoint
	"$BUILD/bench/pg_bench" write BSS_CONNINFO "$orders" "$batch" >"$WORK/write" || exit 1
	executed=$(sql "writing_$batch" -c "select count(*) from bss_order o join bss_subscription s using (account_id) where o.status_name = 'Executed' and s.sync_status = 'Synchronized'")
	[[ $executed == "$orders" ]] || { echo "pg write: $executed orders of $orders are executed"; exit 1; }
	awk -v b="$batch" -v n="$orders" '{s[$1] = $2} END {
		printf "pg write %d orders, %d at once: begun %.0f/s, executed %.0f/s, both %.0f/s (target 2000)\n", n, b, n / s["bss.begin"], n / s["bss.activate"],
			n / (s["bss.begin"] + s["bss.activate"])
		both = n / (s["bss.begin"] + s["bss.activate"])
		printf "figure\tpg write, %d at once\t%.0f orders/s\t2000 orders/s\t%.2f\t-\t%s\n", b, both, both / 2000, (both >= 2000) ? "yes" : "no" }' "$WORK/write"
done
