#!/usr/bin/env bash
# Invoices and rates of a database are kept by a night as those of files are: a correction in the BSS changes no past day, and
# the database is not asked for it.
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/pg_lib.sh"
pg_start
sql postgres -c "create database bss"
export BSS_CONNINFO="host=$PG_SOCKET port=$PG_PORT dbname=bss user=tenantry" TENANTRY_ACRONIS_URL=http://127.0.0.1:1
cd "$WORK" || exit 2
sql bss <<-SQL
	create table lines (n int, invoice text, subscription text, kind text, amount text);
	insert into lines values (1, 'I-1', 'S-1', 'usage', '180.00'), (2, 'I-1, "a"', 'S-1', 'commitment', '70.00'),
		(3, 'I-2', 'S-2', 'usage', '1e2'), (4, 'I-3', null, 'usage', '5.00');
	create table fx (rate numeric);
	insert into fx values (0.9);
	grant select on lines, fx to tenantry;
SQL
cat >lines.sql <<-SQL
	select invoice as "Invoice Id", date '2026-11-01' as "Invoice Date", subscription as "Subscription Id", '' as "Account Id",
	date '2026-10-01' as "Period Start", date '2026-10-31' as "Period End", kind as "Kind", 'USD' as "Currency", amount as "Amount"
	from lines order by n
SQL
echo "select 'USD' as \"From\", 'EUR' as \"To\", rate as \"Rate\", date '2026-01-01' as \"Valid From\" from fx" >fx.sql
echo "$ORDER_HEADER" >orders.csv
uuid() { printf '00000000-0000-4000-8000-%012d' "$1"; }
{
	echo "$SUBSCRIPTION_HEADER"
	for n in 1 2; do echo "S-$n,$(uuid $n),$n,Reseller $n,a@r$n.example.com,CCSP-T1,Tier 1,Active,1,USD,2026-01-01,,0,no,Synchronized,2026-10-01T00:00:00Z"; done
} >subscriptions.csv
{
	echo "Tenant Id,Customer Id,Name,Kind,Enabled,Tier Value,Licensing Mode,Currency,Pricing Mode"
	for n in 1 2; do echo "$(uuid $n),$n,Reseller $n,partner,true,0,per_gb,USD,production"; done
} >tenants.csv
write_job 's|^  min_coverage.*|  min_coverage: 10%\n  max_age: 0s|' \
	's|  subscriptions: {csv.*|&\n  database: {env: BSS_CONNINFO}\n  retries: 0\n  invoices: {database: invoices, query: lines.sql}\n  rates: {database: rates, query: fx.sql}|'
findings() { jq -S '[.findings[] | {code, subscription_id, sentence: (.sentence | sub("^As of [-0-9]*: "; "")), expected, bss, evidence}]' "$(last_run)/run.json"; }

touch -d 2026-11-03T01:30:00Z tenants.csv
expect "a night" 1 "$TENANTRY" reconcile job.yaml --tenants tenants.csv --now 2026-11-03T01:30:00Z
findings >night.json
check "keeps what it read" test "$(zstd -dqc "$(last_run)/invoices.csv.zst" | wc -l) $(zstd -dqc "$(last_run)/rates.csv.zst" | wc -l)" = "5 2"
sql bss -c "update lines set amount = '1.00'" -c "update fx set rate = 0.5"
expect "the month after a correction" 1 "$TENANTRY" reconcile job.yaml --period 2026-10 --as-of 2026-11-03
findings >past.json
check "has findings of the invoices" test "$(grep -c '"evidence".*database:' night.json)" -ge 2
check "is what the night said of them" cmp night.json past.json
check "a place is the query and a row" grep -q 'database:invoices:3' past.json
pg_ctl stop -m immediate
expect "the month without the database" 1 "$TENANTRY" reconcile job.yaml --period 2026-10 --as-of 2026-11-03
findings >past.json
check "is the same" cmp night.json past.json
expect "a month of which nothing was kept" 3 "$TENANTRY" reconcile job.yaml --period 2026-09 --as-of 2026-11-03
finish
