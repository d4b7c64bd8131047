#!/usr/bin/env bash
# The BSS database as a source: the same month as the CSV samples gives the same verdicts, the site's own query and its columns,
# encrypted and plain connections, several hosts, another encoding, and what happens when the server goes away while it is read.
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/pg_lib.sh"
start_sandbox --seed "$ROOT/samples/sandbox-seed.json"
pg_start
pg_bss bss
cd "$WORK" || exit 2
cp -r "$ROOT/samples" samples

# ---- The month, from files and from the database.
month files 's|orders: {csv: orders.csv}|orders: {csv: "samples/orders*.csv"}\n  csv: {columns: {E-Mail-Adresse: Email}}|' \
	's|csv: subscriptions.csv|csv: samples/subscriptions.csv|'
expect "the month from files" 1 "$TENANTRY" validate job.yaml --now $NOW
month database 's|orders: {csv: orders.csv}|orders: {database: pending_orders}|' \
	's|subscriptions: {csv: subscriptions.csv}|subscriptions: {database: subscriptions}\n  database: {env: BSS_CONNINFO}|'
cp job.yaml month.yaml
expect "the month from the database" 1 "$TENANTRY" validate job.yaml --now $NOW
check "its counts close" counts_close "$(newest database)/run.json"

# take TABLE FILE: a CSV file that we wrote as a table of texts
take() {
	local columns
	columns=$(head -1 "$2" | sed -e 's/order_id/Order Id/; s/order-item-id/Order Item Id/' -e 's/[^,]*/"&" text/g')
	sql bss -c "drop table if exists $1; create table $1 ($columns)" -c "\\copy $1 from '$2' csv header" >/dev/null 2>&1
}
for side in files database; do
	for verdict in accepted rejected; do take "${side}_$verdict" "$(newest $side)/$verdict.csv"; done
done
verdicts() {
	sql bss -c "select coalesce(nullif(\"Order Item Id\", ''), \"Order Id\") as item, 'accepted', \"Warnings\" from $1_accepted
		union all select coalesce(nullif(\"Order Item Id\", ''), \"Order Id\"), \"Codes\", \"Reasons\" from $1_rejected order by 1"
}
verdicts files >files.txt
verdicts database >database.txt
left_out='^\||^OI-50(35|36|39)\|' # rows without an id of their own, order item 5036 twice, a date that does not exist
check "both have a verdict for fifty rows" test "$(grep -vcE "$left_out" database.txt)" -ge 50
check "the same verdicts, byte for byte" diff <(grep -vE "$left_out" files.txt) <(grep -vE "$left_out" database.txt)
check "what the files alone have is what a database cannot hold" \
	test "$(comm -23 <(cut -d'|' -f1 files.txt | sort -u) <(cut -d'|' -f1 database.txt | sort -u) | tr '\n' ' ')" = " OI-5035 OI-5039 "
check "a place is the query and a row" grep -q ',database:pending_orders,1,' "$(newest database)/rejected.csv" "$(newest database)/accepted.csv"
check "run.json names the query" field "$(newest database)/run.json" '[.inputs[]?.path] | sort | join(" ")' "database:pending_orders database:subscriptions"
no_leftovers "nothing half-written" "$WORK/database"

# ---- The export: the same month once more, from files again.
cp month.yaml job.yaml
sed -i 's|  database: {env: BSS_CONNINFO}|  database: {env: BSS_CONNINFO}\n  invoices: {database: invoices}\n  rates: {database: rates}|' job.yaml
expect "export" 0 "$TENANTRY" export job.yaml -o exported
says "it says as of when" "as of 20"
check "the files are private" test "$(stat -c %a exported/orders.csv)" = 600
check "four files with their rows" test "$(wc -l <exported/invoices.csv) $(wc -l <exported/rates.csv) $(head -1 exported/rates.csv)" = \
	"$(($(sql bss -c 'select count(*) from bss_invoice_item') + 1)) $(($(sql bss -c 'select count(*) from bss_fx_rate') + 1)) From,To,Rate,Valid From,Valid To"
month again 's|orders: {csv: orders.csv}|orders: {csv: exported/orders.csv}|' 's|csv: subscriptions.csv|csv: exported/subscriptions.csv|'
expect "the exported month" 1 "$TENANTRY" validate job.yaml --now $NOW
for verdict in accepted rejected; do
	check "the same $verdict.csv but for the places" diff <(sed 's/,database:pending_orders,[0-9]*,/,P,/' "$(newest database)/$verdict.csv") \
		<(sed 's/,exported.orders.csv,[0-9]*,/,P,/' "$(newest again)/$verdict.csv")
done
expect "nothing to export from files" 2 "$TENANTRY" export job.yaml -o exported
says "it says so" "nothing to export"

# ---- check.
cp month.yaml job.yaml
sed -i 's|  database: {env: BSS_CONNINFO}|  database: {env: BSS_CONNINFO}\n  invoices: {database: invoices}\n  rates: {database: rates}|' job.yaml
expect "check" 0 "$TENANTRY" check job.yaml --now $NOW
for text in "PostgreSQL 1" "encoding UTF8" "as tenantry" "database:pending_orders: 60 rows, 29 columns" "database:rates: 20 rows" "the four functions" "60 read"; do says "it says: $text" "$text"; done
sql bss -c 'revoke select on bss_invoice from tenantry' -c 'revoke execute on function tenantry.fail_subscriptions(jsonb) from tenantry'
expect "check, rights missing" 3 "$TENANTRY" check job.yaml --now $NOW
for text in "permission denied for table bss_invoice" "no right to call tenantry.fail_subscriptions" "database:pending_orders: 60 rows"; do says "it says: $text" "$text"; done
cat >few.sql <<<"select order_id, account_id, 1 as quantity from bss_order"
sed 's|orders: {database: pending_orders}|orders: {database: few, query: few.sql}|' job.yaml >few.yaml
expect "check, columns missing" 3 "$TENANTRY" check few.yaml --now $NOW
for text in "database:few: the header lacks Account, Is Reseller, Currency," "it has: order_id, account_id, quantity" "or the query"; do says "it says: $text" "$text"; done
sql bss -c 'alter table bss_fx_rate alter rate type float8'
expect "check, a wrong type" 3 "$TENANTRY" check job.yaml --now $NOW
says "it says which column" "\"Rate\" is double precision"
expect "check as JSON" 3 "$TENANTRY" check job.yaml --json --now $NOW
check "it is JSON" jq -e '.checks | length > 5' "$WORK/out"

# ---- A small BSS from here on.
pg_orders small 101 102 103
write_pg_job
run_ok() { expect "$1" 0 "$TENANTRY" validate job.yaml --now $NOW; check "$1: three orders" field "$(last_run)/run.json" '.intake.accepted' 3; }
bad() {
	expect "$1" "$2" "$TENANTRY" validate job.yaml --now $NOW
	shift 2
	local text
	for text; do says "  says \"$text\"" "$text"; done
	check "  no password in it" bash -c '! grep -q rehearsal "$@"' _ "$WORK/out" "$WORK/err"
	no_leftovers "  nothing half-written" "$WORK/var"
}
run_ok "over the socket"
local_conninfo=$BSS_CONNINFO

# ---- Ways to connect.
tcp="host=127.0.0.1 port=$PG_PORT dbname=small user=tenantry"
export BSS_CONNINFO="$tcp password=rehearsal sslmode=disable"
run_ok "plain to this machine"
export BSS_CONNINFO="host=localhost port=$PG_PORT dbname=small user=tenantry password=rehearsal sslmode=verify-full sslrootcert=$WORK/pg-ca.pem"
run_ok "TLS, the certificate checked"
export BSS_CONNINFO="postgresql://tenantry:rehearsal@localhost:$PG_PORT/small?sslmode=verify-full&sslrootcert=$WORK/pg-ca.pem"
run_ok "as an address"
export BSS_CONNINFO="host=$PG_SOCKET,127.0.0.1 port=1,$PG_PORT dbname=small user=tenantry password=rehearsal sslmode=disable"
run_ok "the second of two hosts"
openssl req -x509 -newkey rsa:2048 -nodes -days 2 -subj "/CN=Other CA" -keyout other.key -out other.pem 2>/dev/null
export BSS_CONNINFO="host=localhost port=$PG_PORT dbname=small user=tenantry password=rehearsal sslmode=verify-full sslrootcert=$WORK/other.pem"
bad "an authority that is not trusted" 3 "certificate" "localhost:$PG_PORT/small" "sslrootcert"
export BSS_CONNINFO="host=localhost,127.0.0.1 port=$PG_PORT,1 dbname=small user=tenantry password=rehearsal sslmode=verify-full sslrootcert=$WORK/other.pem"
bad "the host that says most is the first named, and the advice is for it" 3 "BSS database localhost:$PG_PORT/small: SSL error: certificate" \
	"127.0.0.1:1/small: Connection refused" "sslrootcert"
export BSS_CONNINFO="host=127.0.0.1,localhost port=1,$PG_PORT dbname=small user=tenantry password=rehearsal sslmode=verify-full sslrootcert=$WORK/other.pem"
bad "and in the other order" 3 "BSS database localhost:$PG_PORT/small: SSL error: certificate" "127.0.0.1:1/small: Connection refused" "sslrootcert"
# As on a stock Debian, where localhost is ::1 first and no server listens there. The hosts file is one of the test's own.
printf '::1 localhost\n127.0.0.1 localhost\n' >hosts
other_hosts=(unshare -rm sh -c 'mount --bind "$0" /etc/hosts && exec "$@"' "$WORK/hosts")
[[ $(id -u) -eq 0 ]] && other_hosts[1]=-m
if "${other_hosts[@]}" true 2>/dev/null; then
	export BSS_CONNINFO="host=localhost port=$PG_PORT dbname=small user=tenantry password=rehearsal sslmode=verify-full sslrootcert=$WORK/other.pem"
	TENANTRY_HERE=$TENANTRY
	in_other_hosts() { "${other_hosts[@]}" "$TENANTRY_HERE" "$@"; }
	TENANTRY=in_other_hosts
	bad "localhost is two addresses, and the one that listens is not trusted" 3 "SSL error: certificate verify failed (127.0.0.1); ::1: Connection refused" \
		"localhost:$PG_PORT/small" "sslrootcert"
	export BSS_CONNINFO="host=localhost port=$PG_PORT dbname=small user=tenantry password=rehearsal-not sslmode=disable"
	bad "nor is the password right" 3 "password authentication failed" "::1: Connection refused" "user and password"
	export BSS_CONNINFO="host=localhost port=$PG_PORT dbname=small user=tenantry password=rehearsal sslmode=verify-full sslrootcert=$WORK/pg-ca.pem"
	run_ok "the second of its addresses will do"
	TENANTRY=$TENANTRY_HERE
else
	echo "ok SKIPPED: this kernel lets nobody have a hosts file of their own (unshare -m)"
fi
export BSS_CONNINFO="host=db.example.com dbname=small user=tenantry password=rehearsal"
bad "sslmode not stated" 2 "not stated" "db.example.com:5432/small" "allow_plain" "job.yaml:"
export BSS_CONNINFO="host=db.example.com dbname=small user=tenantry password=rehearsal sslmode=prefer"
bad "sslmode that allows plain" 2 "sslmode is prefer"
export BSS_CONNINFO="host=127.0.0.1,db.example.com dbname=small user=tenantry sslmode=disable"
bad "one of two hosts is elsewhere" 2 "db.example.com"
export BSS_CONNINFO="host=db password=rehearsal colour=blue"
bad "not a connection text" 2 "not a PostgreSQL connection text"
export BSS_CONNINFO="service=bss password=rehearsal"
bad "a service file" 2 "service"

# ---- A database that says no.
export BSS_CONNINFO="$tcp password=rehearsal-not sslmode=disable"
bad "a wrong password" 3 "password authentication failed" "127.0.0.1:$PG_PORT/small" "bss.database" "nothing was done"
export BSS_CONNINFO="host=127.0.0.1 port=$PG_PORT dbname=nowhere user=tenantry password=rehearsal sslmode=disable"
bad "a database that is not there" 3 "\"nowhere\" does not exist" "dbname"
export BSS_CONNINFO="host=$PG_SOCKET port=1 dbname=small user=tenantry"
bad "a server that is not there" 3 "cannot connect" "$PG_SOCKET:1/small"
export BSS_CONNINFO="host=$PG_SOCKET port=$PG_PORT dbname=small user=reader"
bad "no right" 3 "permission denied" "database:subscriptions" "42501" "schema.sql" ":$PG_PORT/small" "nothing was done"
export BSS_CONNINFO=$local_conninfo
sql small -c 'revoke select on bss_account_address from tenantry'
bad "a right revoked" 3 "bss_account_address" "database:pending_orders" "nothing was done"
sql small -c 'grant select on bss_account_address to tenantry'

# ---- The site's own query.
write_pg_job 's|orders: {database: pending_orders}|orders: {database: ours, query: ours.sql}|'
cat "$ROOT/src/bss/sql/pending_orders.sql" - >ours.sql <<<";"
run_ok "the site's own query"
query() { cat >ours.sql; }
all='o.order_id as ORDER_ID, true as terms_accepted, i.order_item_id as "order-item-id", 1 as account_id, '"'A'"' as account, true as is_reseller, '"'CCSP-T1'"' as product_code,
	1 as quantity, '"'USD'"' as currency, '"'a@example.com'"' as email, '"'x'"' as address_1, '"'y'"' as city, '"'1'"' as post_code, '"'US'"' as country_code'
from='from bss_order o join bss_order_item i using (order_id)'
query <<<"select $all $from limit 1 -- with a comment at its end"
expect "names in another spelling" 0 "$TENANTRY" validate job.yaml --now $NOW
check "a row of it" field "$(last_run)/run.json" '.intake.accepted' 1
query <<<"select ${all/1 as quantity, /} $from"
bad "a missing column" 3 "the header lacks Quantity; it has: order_id" "database:ours" ":$PG_PORT/small" "nothing was done"
query <<<"select ${all/1 as quantity/1.0::float8 as quantity} $from"
bad "a binary fraction" 3 "\"quantity\" is double precision" "binary fractions are not exact" "::numeric" "database:ours"
query <<<"select ${all/true as is_reseller/now() as is_reseller} $from"
bad "a time for a yes" 3 "\"is_reseller\" is timestamp with time zone" "boolean"
query <<<"select $all, $all $from"
bad "columns twice" 3 "two columns are Order Id"
query <<<"select $all
	, no_such_column $from"
bad "a column that is not there" 3 "ours.sql:3" "no_such_column"
query <<<"selekt"
bad "no SQL" 3 "ours.sql:1" "syntax error"
query <<<"select 1; drop table bss_order"
bad "two statements" 3 "ours.sql" "multiple commands"
query <<<"delete from bss_order"
bad "a statement that is no query" 3 "no columns" "ours.sql"
query <<<"delete from bss_order_item returning $all"
bad "a statement that changes" 3 "database:ours"
check "and it changed nothing" test "$(sql small -c 'select count(*) from bss_order_item')" = 3
query <<<""
bad "an empty file" 3 "ours.sql" "no query"
rm ours.sql
bad "a missing file" 3 "ours.sql"
query <<<"select ${all/1 as quantity/(1\/(account_id-103))::int as quantity} $from order by account_id"
bad "a division by zero on the way" 3 "division by zero" "after 2 rows" "database:ours" ":$PG_PORT/small" "nothing was done"
query <<<"select ${all/1 as quantity/(account_id*99999999)::int as quantity} $from"
bad "a number that overflows" 3 "integer out of range" "22003" "database:ours" ":$PG_PORT/small" "nothing was done"
query <<<"select $all $from where false"
expect "no rows" 0 "$TENANTRY" validate job.yaml --now $NOW
query <<<"select $all, case when i.order_id = 'ORD-101' then 'infinity'::timestamptz else '294276-01-01'::timestamptz end as order_date $from"
expect "times far away" 1 "$TENANTRY" validate job.yaml --now $NOW
check "each is a rejection with its value" test "$(grep -c 'date-invalid.*\(infinity\|294276\)' "$(last_run)/rejected.csv")" = 3
query <<<"select null::text as order_id, null::text as account_id, null::text as account, null::bool as is_reseller, null::text as tier, null::int as quantity,
	null::text as currency, null::text as email, null::text as address_1, null::text as city, null::text as post_code, null::text as country_code from generate_series(1, 3)"
expect "NULL everywhere" 1 "$TENANTRY" validate job.yaml --now $NOW
check "three rejections" field "$(last_run)/run.json" '.intake.rejected' 3
query <<<"select $all, repeat('q', 100000) || E'\\n' || o.order_id as address_2 $from union all select $all, E'two\\nlines, \"quoted\"' $from"
expect "a field that is too long" 1 "$TENANTRY" validate job.yaml --now $NOW
check "its row only" field "$(last_run)/run.json" '[.intake.read, .intake.rejected_by_rule["field-too-long"]] | join(" ")' "6 3"
query <<<"select $all $from union all select ${all/\'A\'/\'B\'} $from"
expect "items twice with other content" 1 "$TENANTRY" validate job.yaml --now $NOW
check "all of them are rejected" test "$(grep -c order-duplicate "$(last_run)/rejected.csv")" = 6
says_where=$(grep -c 'database:ours:[0-9]' "$(last_run)/rejected.csv")
check "with the row of the other" test "$says_where" = 6
write_pg_job 's|orders: {database: pending_orders}|orders: {database: no_such}|'
bad "a query that is not shipped" 2 "no_such" "pending_orders" "job.yaml:"
write_pg_job

# ---- Another encoding, and one that says nothing.
sql postgres -c "create database latin encoding LATIN1 locale 'C' template template0"
sql latin -f "$ROOT/samples/bss/schema.sql" >/dev/null
sql latin -c "insert into bss_product (code, name, product_type_code, tier_code) values ('CCSP-T1', 'T', 'CCSP', 'Tier 1')"
pg_add_order latin 201
sql latin -c "update bss_account set name = U&'M\\00fcller & S\\00f6hne'"
export BSS_CONNINFO="host=$PG_SOCKET port=$PG_PORT dbname=latin user=tenantry"
expect "a LATIN1 database" 0 "$TENANTRY" validate job.yaml --now $NOW
check "its names arrive as UTF-8" grep -q 'Müller & Söhne' "$(last_run)/accepted.csv"
sql postgres -c "create database ascii encoding SQL_ASCII locale 'C' template template0"
export BSS_CONNINFO="host=$PG_SOCKET port=$PG_PORT dbname=ascii user=tenantry"
bad "a database that does not say its encoding" 3 "SQL_ASCII" ":$PG_PORT/ascii" "nothing was done"
export BSS_CONNINFO=$local_conninfo

# ---- The server goes away while it is read, and comes back.
sql small -c "insert into bss_account (account_id, name, is_reseller) select 1000 + n, 'Many ' || n, false from generate_series(1, 5000) n" \
	-c "insert into bss_order (order_id, order_date, account_id, status_name) select 'MANY-' || n, now(), 1000 + n, 'Submitted' from generate_series(1, 5000) n" \
	-c "insert into bss_order_item (order_item_id, order_id, action) select 'MI-' || n, 'MANY-' || n, repeat('x', 200) from generate_series(1, 5000) n"
start_proxy --cut-after 300000
export BSS_CONNINFO="host=127.0.0.1 port=$PROXY_PORT dbname=small user=tenantry password=rehearsal sslmode=disable"
bad "cut in the middle of reading" 3 "the connection was lost" "127.0.0.1:$PROXY_PORT/small" "nothing was done"
check "no orders of a cut read" bash -c '! ls "$1"/accepted.csv 2>/dev/null' _ "$(last_run)"
stop_proxy
start_proxy --cut-after 300000 --run "kill -9 $(head -1 "$PG_DATA/postmaster.pid"); pkill -9 -P $(head -1 "$PG_DATA/postmaster.pid")"
export BSS_CONNINFO="host=127.0.0.1 port=$PROXY_PORT dbname=small user=tenantry password=rehearsal sslmode=disable"
bad "the server dies in the middle of reading" 3 "the connection was lost" "127.0.0.1:$PROXY_PORT/small" "nothing was done"
check "no orders of a dead server" bash -c '! ls "$1"/accepted.csv 2>/dev/null' _ "$(last_run)"
stop_proxy
pg_kill
pg_up
# All reads are of one moment: what comes in between two of them is the next night's.
printf '%s\n' "insert into bss_order (order_id, order_date, account_id, status_name) values ('LATE', now(), 101, 'Submitted')" \
	"insert into bss_order_item (order_item_id, order_id, action) values ('LATE', 'LATE', 'new')" | sed 's/$/;/' >late.sql
start_proxy --when "copy (" --do pass --run "psql -X -q -h $PG_SOCKET -p $PG_PORT -U postgres -d small -f $WORK/late.sql"
export BSS_CONNINFO="host=127.0.0.1 port=$PROXY_PORT dbname=small user=tenantry password=rehearsal sslmode=disable"
expect "an order comes in between two reads" 1 "$TENANTRY" validate job.yaml --now $NOW
check "it came" test "$(sql small -c "select count(*) from bss_order where order_id = 'LATE'")" = 1
check "and is not of this night's moment" field "$(last_run)/run.json" '.intake.read' 5003
sql small -c "delete from bss_order_item where order_id = 'LATE'" -c "delete from bss_order where order_id = 'LATE'"
stop_proxy
start_proxy --when "copy (" --do swallow --times 1
export BSS_CONNINFO="host=127.0.0.1 port=$PROXY_PORT dbname=small user=tenantry password=rehearsal sslmode=disable"
sed -i 's/retries: 0/retries: 2/' job.yaml
expect "cut once, read again" 1 "$TENANTRY" validate job.yaml --now $NOW
check "all rows, once" field "$(last_run)/run.json" '.intake.read' 5003
says "it says that it read again" "reading everything again"
stop_proxy
start_proxy --when "copy (" --do hang --times 1
sed -i 's/retries: 2/retries: 0\n  statement_timeout: 100ms/' job.yaml
export BSS_CONNINFO="host=127.0.0.1 port=$PROXY_PORT dbname=small user=tenantry password=rehearsal sslmode=disable"
sed -i 's/statement_timeout: 100ms/statement_timeout: 10m/' job.yaml
"$TENANTRY" validate job.yaml --now $NOW >"$WORK/out" 2>"$WORK/err" &
reading=$!
PIDS+=("$reading")
while [[ $(sql small -c "select count(*) from pg_stat_activity where usename = 'tenantry' and query like 'copy%'") == 0 ]] && kill -0 $reading 2>/dev/null; do read -rt 0.02 <> <(:) || true; done
name=$(sql small -c "select application_name from pg_stat_activity where usename = 'tenantry'")
kill -TERM $reading
wait $reading
check "a signal while the database is read" test $? = 143
check "the server saw the run's name" test "$name" = "tenantry/$(basename "$(last_run)")"
stop_proxy
start_proxy --when "copy (" --do hang --times 1
export BSS_CONNINFO="host=127.0.0.1 port=$PROXY_PORT dbname=small user=tenantry password=rehearsal sslmode=disable"
sed -i 's/statement_timeout: 10m/statement_timeout: 100ms/' job.yaml
bad "a network that swallows everything" 3 "no answer for longer" "nothing was done"
stop_proxy
write_pg_job 's|retries: 0|retries: 0\n  statement_timeout: 50ms|' 's|orders: {database: pending_orders}|orders: {database: ours, query: ours.sql}|'
export BSS_CONNINFO=$local_conninfo
query <<<"select $all, pg_sleep(5)::text as note $from"
bad "a query that takes too long" 3 "statement timeout" "bss.statement_timeout"
write_pg_job
pg_kill
bad "a server that was killed" 3 "cannot connect" "nothing was done"
pg_up
expect "and is there again" 1 "$TENANTRY" validate job.yaml --now $NOW
finish
