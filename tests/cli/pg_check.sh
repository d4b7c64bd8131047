#!/usr/bin/env bash
# What check says of the BSS database beyond its queries: who could act with the functions' rights, what the role can do beyond its need,
# whether job and table agree on the words, what the four functions promise, and, rehearsed, what they do. A night runs all the same,
# and every report of it says what is not safe.
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/pg_lib.sh"
start_sandbox
pg_start
cd "$WORK" || exit 2
sed '/^\\ir /d' "$ROOT/samples/bss/schema.sql" >tables.sql
db_job() {
	write_pg_job "s|name: test|name: $DB|" "s|ledger: .*|ledger: var/$DB.db|" "s|  name: main|  name: $DB|" 's|steps: .*|steps: [validate, provision, report]|' "$@"
}
# looks STATUS [ARGUMENT...] -- SENTENCE...: check with them
looks() {
	local name=$1 wanted=$2
	shift 2
	local arguments=()
	while [[ $1 != -- ]]; do arguments+=("$1"); shift; done
	shift
	expect "$name" "$wanted" "$TENANTRY" check job.yaml "${arguments[@]}"
	local text
	for text; do says "  says: $text" "$text"; done
}
says_not() { check "$1" bash -c '! grep -qF -- "$1" "$2" "$3"' _ "$2" "$WORK/out" "$WORK/err"; }
sql postgres -c "create role bob login" -c "create role nobody nologin"

# ---- The functions of before, which ran as whoever installed them, where everybody may create in schema public.
DB=before
sql postgres -c "create database before"
sql before -c "grant create on schema public to public" -f tables.sql -f "$ROOT/tests/cli/pg_functions_1.sql"
sql before -c "insert into bss_product (code, name, product_type_code, tier_code) values ('CCSP-T1', 'Tier 1', 'CCSP', 'Tier 1')"
pg_add_order before 101
export BSS_CONNINFO="host=$PG_SOCKET port=$PG_PORT dbname=before user=tenantry"
db_job
owner="run with the rights of postgres, a superuser" path="in the schema public of the search_path everybody may create functions and operators"
looks "functions of before" 3 -- "$owner" "$path" "of version 1, and those of this program of version 2" "psql -f samples/bss/tenantry.sql" \
	"everybody may create in the schema public of the search_path with which queries are run" "a night can run; what FAILED is to be mended all the same"
expect "a night runs" 0 "$TENANTRY" run job.yaml
says "  its text warns" "WARNING      activate_subscriptions, begin_subscriptions"
check "  its page warns" grep -q "$owner" "$(last_run)/report.html"
check "  its record warns" jq -e '[.warnings[] | select(.about == "bss-database" and (.text | contains("with the rights of postgres")))] | length == 1' "$(last_run)/run.json"
check "  its workbook warns" grep -q "$owner" <(unzip -p "$(last_run)/report.xlsx" xl/worksheets/sheet1.xml xl/sharedStrings.xml 2>/dev/null)
expect "  and its report again" 0 "$TENANTRY" report last --job job.yaml
check "  is the same" grep -q "$owner" "$(last_run)/report.html"
sql before -f "$ROOT/samples/bss/tenantry.sql"
looks "renewed" 0 -- "functions of version 2, with the rights of tenantry_owner" "all good"
says_not "  nothing FAILED" "FAILED"
expect "the next night" 0 "$TENANTRY" run job.yaml
check "warns of nothing of it" jq -e '[.warnings[]? | select(.about == "bss-database")] == []' "$(last_run)/run.json"

# ---- One thing after the other that is not safe.
DB=one
pg_orders one 201
db_job
looks "a database as it should be" 0 -- "all good" "tenantry.begin_subscriptions answers order_item_id text, outcome text, detail text" \
	"tenantry.order_item_states answers order_item_id text, order_status text, item_status text, subscription_id text, external_id text, status text, sync_status text"
check "names nothing that the role could do beyond its need" bash -c '! grep -q "^note *database" "$1"' _ "$WORK/out"
begin="function tenantry.begin_subscriptions(jsonb, text[])"
unsafe() { # SQL UNDO SENTENCE
	sql one -c "$1"
	looks "$1" 3 -- "$3"
	sql one -c "$2"
}
unsafe "alter $begin owner to bob" "alter $begin owner to tenantry_owner" "begin_subscriptions runs with the rights of bob, who can log in"
sql postgres -c "alter role nobody createrole"
unsafe "alter $begin owner to nobody" "alter $begin owner to tenantry_owner" "begin_subscriptions runs with the rights of nobody, who can create roles"
unsafe "grant pg_write_server_files to tenantry_owner" "revoke pg_write_server_files from tenantry_owner" "is a member of pg_write_server_files"
unsafe "grant tenantry_owner to tenantry" "revoke tenantry_owner from tenantry" "tenantry is a member of tenantry_owner, with whose rights"
unsafe "alter $begin reset search_path" "alter $begin set search_path = pg_catalog, pg_temp" "begin_subscriptions: no search_path is set"
unsafe "alter $begin set search_path = pg_catalog" "alter $begin set search_path = pg_catalog, pg_temp" "begin_subscriptions: the search_path does not end with pg_temp"
unsafe "alter $begin set search_path = ''" "alter $begin set search_path = pg_catalog, pg_temp" "begin_subscriptions: the search_path does not end with pg_temp"
unsafe "alter $begin set search_path = pg_catalog, \"\$user\", pg_temp" "alter $begin set search_path = pg_catalog, pg_temp" "the schema \$user of the search_path is not there, or is each caller's own"
unsafe "create schema shared; grant create on schema shared to bob; alter $begin set search_path = pg_catalog, shared, pg_temp" "alter $begin set search_path = pg_catalog, pg_temp; drop schema shared" "in the schema shared of the search_path bob may create functions"
unsafe "grant create on schema tenantry to bob" "revoke create on schema tenantry from bob" "in the schema tenantry bob may create functions"
unsafe "grant usage on schema tenantry to public; grant execute on $begin to public" "revoke usage on schema tenantry from public; revoke execute on $begin from public" "everybody may call begin_subscriptions"
unsafe "alter function tenantry.begin_one(jsonb, text[]) owner to bob" "alter function tenantry.begin_one(jsonb, text[]) owner to tenantry_owner" "begin_one can be replaced by its owner bob, who can log in"
unsafe "revoke select on tenantry.word from tenantry" "grant select on tenantry.word to tenantry" "no right to read tenantry.word"
unsafe "update tenantry.word set status = 'Canceled' where word = 'cancel'" "update tenantry.word set status = 'Cancelled' where word = 'cancel'" "after the action \"cancel\" tenantry.word has the status \"Canceled\", and this program \"Cancelled\""
sql one -c "create schema quiet" -c "alter $begin set search_path = pg_catalog, quiet, pg_temp" -c "delete from tenantry.word where word = 'cancel'"
looks "a path in which nobody else creates, and an action that is forbidden" 0 -- "all good"
sql one -c "alter $begin set search_path = pg_catalog, pg_temp"

# ---- The words of the job and of the table.
sql one -c "insert into tenantry.word (kind, word) values ('pending', 'Waiting ')"
db_job 's|retries: 0|retries: 0\n  order_status: {pending: [submitted, "", Approved]}|'
looks "words that differ" 3 -- 'pending of the job has "approved", and tenantry.word has not' 'tenantry.word calls "waiting" pending'
sql one -c "update bss_order set status_name = 'Approved'"
expect "a night with them" 1 "$TENANTRY" run job.yaml
check "  warns of both" jq -e '[.warnings[].text | select(contains("tenantry.word"))] | length == 2' "$(last_run)/run.json"
check "  an order of such a status fails" grep -q "bss-refused,.*status \"\"Approved\"\" is no pending one in tenantry.word" "$(last_run)/failed.csv"

# ---- What the role can do beyond its need is named, and no more.
sql one -c "delete from tenantry.word where word in ('Waiting ')" -c "insert into tenantry.word (kind, word) values ('pending', 'Approved')"
sql postgres -c "alter role tenantry createrole createdb bypassrls replication" -c "grant pg_write_all_data to tenantry"
sql one -c "grant create on database one to tenantry" -c "grant create on schema public to tenantry" -c "grant update (name) on bss_account to tenantry"
looks "a role with more rights" 0 -- "create roles (createrole)" "(createdb)" "(replication)" "pass row-level security (bypassrls)" "tenantry is a member of pg_write_all_data" \
	"tenantry may create schemas in the database" "tenantry may create in the schema public, which is in its search_path" "tenantry may change 11 tables without the functions" "all good"
db_job 's|retries: 0|retries: 0\n  order_status: {pending: [submitted, "", Approved]}\n  write_back: false|'
looks "a role that only reads" 0 -- "createrole"
says_not "  may pass row-level security" "bypassrls"
sql postgres -c "revoke pg_write_all_data from tenantry"
looks "rights on one table" 0 -- "tenantry may change 1 table without the functions: public.bss_account"
sql postgres -c "alter role tenantry superuser"
looks "a superuser" 0 -- "tenantry is a superuser: all else follows"
sql postgres -c "alter role tenantry nosuperuser nocreaterole nocreatedb nobypassrls noreplication"

# ---- Functions of a site's own: what they promise.
DB=own
sql postgres -c "create database own"
sql own -f tables.sql -c "create schema tenantry" -c "grant usage on schema tenantry to tenantry, nobody" -c "insert into bss_product (code, name, product_type_code, tier_code) values ('CCSP-T1', 'Tier 1', 'CCSP', 'Tier 1')" \
	-c "grant usage on schema public to nobody" -c "grant select on all tables in schema public to nobody" -c "grant insert, update on bss_order, bss_order_item, bss_subscription to nobody"
sql postgres -c "alter role nobody nocreaterole"
pg_add_order own 301
export BSS_CONNINFO="host=$PG_SOCKET port=$PG_PORT dbname=own user=tenantry"
db_job
three="order_item_id text, outcome text, detail text"
safe="security definer set search_path = pg_catalog, pg_temp"
# own BODY_OF_BEGIN BODY_OF_ACTIVATE STATES [DECLARED [COLUMNS]]
own() {
	local declared=${4:-language sql volatile $safe} columns=${5:-returns table ($three)}
	sql own <<-SQL
		set client_min_messages = warning;
		drop function if exists tenantry.begin_subscriptions(jsonb, text[]), tenantry.activate_subscriptions(jsonb, text[]), tenantry.fail_subscriptions(jsonb), tenantry.order_item_states(text[]);
		create function tenantry.begin_subscriptions(items jsonb, pending text[]) $columns $declared as \$\$ $1 \$\$;
		create function tenantry.activate_subscriptions(items jsonb, pending text[]) returns table ($three) language sql $safe as \$\$ $2 \$\$;
		create function tenantry.fail_subscriptions(items jsonb) returns table ($three) language sql $safe as \$\$ select ''::text, ''::text, ''::text where false \$\$;
		create function tenantry.order_item_states(ids text[]) returns table (order_item_id varchar, order_status text, item_status text, subscription_id uuid, external_id text, status text, sync_status text) language sql $safe as \$\$ $3 \$\$;
		grant execute on all functions in schema tenantry to tenantry;
		revoke all on all functions in schema tenantry from public;
	SQL
	sql own -c "grant create on schema tenantry to nobody" -c "alter function tenantry.begin_subscriptions(jsonb, text[]) owner to nobody" -c "alter function tenantry.activate_subscriptions(jsonb, text[]) owner to nobody" \
		-c "alter function tenantry.fail_subscriptions(jsonb) owner to nobody" -c "alter function tenantry.order_item_states(text[]) owner to nobody" -c "revoke create on schema tenantry from nobody"
}
each="from jsonb_array_elements(items) e"
begin_body="insert into public.bss_subscription (subscription_id, account_id, order_item_id, status, sync_status) select (e ->> 'subscription_id')::uuid, (e ->> 'account_id')::int, e ->> 'order_item_id', 'Pending', 'Pending' $each on conflict do nothing; select e ->> 'order_item_id', 'done', '' $each"
activate_body="update public.bss_subscription s set status = 'Active', sync_status = 'Synchronized', external_id = e ->> 'external_id' $each where s.subscription_id = (e ->> 'subscription_id')::uuid; update public.bss_order_item i set delivery_status = 'Executed' $each where i.order_item_id = e ->> 'order_item_id'; select e ->> 'order_item_id', 'done', '' $each"
states="select i.order_item_id, 'Submitted', coalesce(i.delivery_status, ''), s.subscription_id, coalesce(s.external_id, ''), coalesce(s.status, ''), coalesce(s.sync_status, '') from public.bss_order_item i left join public.bss_subscription s using (order_item_id) where i.order_item_id = any (ids)"
own "$begin_body" "$activate_body" "$states"
looks "functions of the site's own, without a table" 0 -- "functions of this site, with the rights of nobody" "order_item_states answers order_item_id character varying, order_status text, item_status text, subscription_id uuid" "all good"
looks "rehearsed" 0 --rehearse -- "rehearsal of order item OI-301 (new, account 301): as a night needs it; rolled back"
own "select '', ''" "$activate_body" "$states" "" "returns table (order_item_id text, result text)"
looks "a column is missing" 3 -- "tenantry.begin_subscriptions answers no column outcome; it has: order_item_id, result" "docs/bss-database.md"
own "select '', true, ''" "$activate_body" "$states" "" "returns table (order_item_id text, outcome boolean, detail text)"
looks "a type that is no text" 3 -- "tenantry.begin_subscriptions answers outcome as boolean, and it must be text"
own "select '', 'done'::char(10), ''" "$activate_body" "$states" "" "returns table (order_item_id text, outcome char(10), detail text)"
looks "a type that fills up" 3 -- "answers outcome as character, which is filled up with blanks"
own "select ''::text, ''::text, ''::text" "$activate_body" "$states" "" "returns table (order_item_id text, outcome text, detail text)"
sql own -c "drop function tenantry.begin_subscriptions(jsonb, text[])" -c "create function tenantry.begin_subscriptions(items jsonb, pending text[], out order_item_id text, out outcome text, out detail text) language sql $safe as \$\$ select '', '', '' \$\$" \
	-c "grant execute on function tenantry.begin_subscriptions(jsonb, text[]) to tenantry" -c "alter schema tenantry owner to nobody" -c "alter function tenantry.begin_subscriptions(jsonb, text[]) owner to nobody" -c "alter schema tenantry owner to postgres"
looks "one row for a list" 3 -- "tenantry.begin_subscriptions answers one row, and it must be one for each order item"
own "select '', 'done', ''" "$activate_body" "$states" "language sql stable $safe"
looks "one that can change nothing" 3 -- "tenantry.begin_subscriptions is declared stable or immutable"

# ---- And what they do.
rehearsed() { # NAME SENTENCE...
	looks "$1" 3 --rehearse -- "${@:2}"
}
own "select e ->> 'order_item_id', 'ok', '' $each" "$activate_body" "$states"
rehearsed "a word that is none" 'begin_subscriptions answered "ok", which is none of done, already, changed, refused, busy'
own "select 'OI-1', 'done', ''" "$activate_body" "$states"
rehearsed "a row of another item" "begin_subscriptions gave no row for it (1 rows)"
own "select e ->> 'order_item_id', 'done', '' $each" "$activate_body" "$states"
rehearsed "done, and it was not" "after begin_subscriptions order_item_states does not name the subscription"
own "$begin_body" "select e ->> 'order_item_id', 'done', '' $each" "$states"
rehearsed "activated, and it was not" "after activate_subscriptions order_item_states must say item Executed"
own "$begin_body" "$activate_body" "select ''::varchar, ''::text, ''::text, null::uuid, ''::text, ''::text, ''::text where false"
rehearsed "states of nothing" "order_item_states gave no row for it, though it is pending"

# ---- The shipped functions, in a BSS that has its own mind.
DB=minded
pg_orders minded 401
db_job
state() { sql minded -c "select md5(string_agg(t::text, '' order by t::text)) from (select row(o.*)::text from bss_order o union all select row(i.*)::text from bss_order_item i union all select row(s.*)::text from bss_subscription s union all select row(y.*)::text from bss_account_sync y) t"; }
before=$(state)
looks "an order" 0 --rehearse -- "rehearsal, begin_subscriptions: done" '"Pending" "Pending", external id ""' "rehearsal, activate_subscriptions: done" 'order "Executed", item "Executed"' '"Active" "Synchronized"' \
	"rehearsal, activate_subscriptions again: already" "as a night needs it; rolled back" "all good"
check "nothing of it is kept" test "$(state)" = "$before"
expect "as JSON" 0 "$TENANTRY" check job.yaml --rehearse --json
check "it is JSON" jq -e '[.checks[] | select(.text | startswith("rehearsal"))] | length >= 6' "$WORK/out"
sql minded -c "create function public.no_tax() returns trigger language plpgsql as \$\$ begin if new.status = 'Active' then raise exception 'invoice module: no tax number'; end if; return new; end \$\$" \
	-c "create trigger t before update on bss_subscription for each row execute function public.no_tax()"
rehearsed "a trigger that says no" "rehearsal: invoice module: no tax number (P0001)"
sql minded -c "drop trigger t on bss_subscription" -c "create table audit (what text)" -c "create function public.note() returns trigger language plpgsql as \$\$ begin insert into audit values ('order'); return new; end \$\$" \
	-c "create trigger t after update on bss_order for each row execute function public.note()"
rehearsed "a trigger that counts on a path" 'relation "audit" does not exist' "what triggers need (a path, rights)"
sql minded -c "alter function public.note() set search_path = public, pg_temp"
rehearsed "and on rights" "permission denied for table audit"
sql minded -c "alter function public.note() security definer"
looks "and has both" 0 --rehearse -- "as a night needs it"
sql minded -c "create function public.later() returns trigger language plpgsql as \$\$ begin raise exception 'the books are closed'; end \$\$" \
	-c "create constraint trigger c after insert on bss_subscription deferrable initially deferred for each row execute function public.later()"
rehearsed "a constraint that is asked at the end" "a constraint that is asked at the end of the transaction" "the books are closed"
sql minded -c "drop trigger c on bss_subscription"
coproc HOLDER { psql -X -qAt -h "$PG_SOCKET" -p "$PG_PORT" -U tenantry -d minded; }
holder_in=${HOLDER[1]} holder_out=${HOLDER[0]} holder=$HOLDER_PID
PIDS+=("$holder")
echo "select pg_try_advisory_lock(hashtextextended('tenantry/minded', 0));" >&"$holder_in"
read -r locked <&"$holder_out"
check "another night is at work" test "$locked" = t
looks "then it is not rehearsed" 4 --rehearse -- "another night writes to the BSS"
echo '\q' >&"$holder_in"
wait "$holder" 2>/dev/null
check "nothing of all that is kept" test "$(state)" = "$before"
db_job 's|retries: 0|retries: 0\n  write_back: false|'
looks "a job that does not write back" 2 --rehearse -- "writes nothing back to a database"
db_job
expect "a night does the order" 0 "$TENANTRY" run job.yaml
rehearsed "no order to rehearse with" "there is nothing to rehearse with"
sql minded -c "insert into bss_order (order_id, account_id, status_name) values ('UP', 401, 'Submitted')" \
	-c "insert into bss_order_item (order_item_id, order_id, product_id, tier_code, subscription_id, action) select 'OI-UP', 'UP', p.product_id, 'Tier 2', s.subscription_id, 'upgrade' from bss_product p, bss_subscription s where p.code = 'CCSP-T2'"
looks "a change" 0 --rehearse -- "rehearsal of order item OI-UP (upgrade, account 401)" "rehearsal, activate_subscriptions: done"
says_not "  begins nothing" "begin_subscriptions: done"
finish
