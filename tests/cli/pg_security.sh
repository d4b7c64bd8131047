#!/usr/bin/env bash
# Who may do what in the BSS database: a login that may create functions in schema public gets nobody's rights through us, a stolen job
# password writes only what an order asks for, the functions' file can be renewed, and check and every report name what is not safe.
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/pg_lib.sh"
start_sandbox
pg_start
cd "$WORK" || exit 2
is() { check "$1" test "$(sql "$DB" -c "$2")" = "$3"; }
as() { # ROLE SQL...: its answer, or what was said
	local role=$1
	shift
	psql -X -qAt -h "$PG_SOCKET" -p "$PG_PORT" -U "$role" -d "$DB" "$@" 2>&1
}
db_job() {
	write_pg_job "s|name: test|name: $DB|" "s|ledger: .*|ledger: var/$DB.db|" "s|  name: main|  name: $DB|" 's|steps: .*|steps: [validate, provision, report]|'
}
sql postgres -c "create role intern login"

# ---- A login that may create in schema public, as everybody may in PostgreSQL 13, 14 and what was upgraded from them. Its functions
# and operators fit better than PostgreSQL's own, and say who ran them.
lure() {
	sql "$DB" -c "grant create on schema public to public" -c "create table public.loot (who text, what text)" -c "grant insert on public.loot to public"
	as intern -v ON_ERROR_STOP=1 -f - <<-'SQL' >"$WORK/lure.log"
		set client_min_messages = warning;
		create function public.bait(what text) returns void language sql as $$ insert into public.loot values (current_user, what) $$;
		create function public.format(text, text) returns text language plpgsql as $$ begin perform public.bait('format'); return pg_catalog.format($1, variadic array[$2]); end $$;
		create function public.format(text, integer) returns text language plpgsql as $$ begin perform public.bait('format'); return pg_catalog.format($1, $2); end $$;
		create function public.hashtextextended(text, integer) returns bigint language plpgsql as $$ begin perform public.bait('hash'); return pg_catalog.hashtextextended($1, $2::bigint); end $$;
		create function public.lower(varchar) returns text language plpgsql as $$ begin perform public.bait('lower'); return pg_catalog.lower($1::text); end $$;
		create function public.btrim(varchar) returns text language plpgsql as $$ begin perform public.bait('btrim'); return pg_catalog.btrim($1::text); end $$;
		create function public.to_regprocedure(varchar) returns regprocedure language plpgsql as $$ begin perform public.bait('to_regprocedure'); return pg_catalog.to_regprocedure($1::text); end $$;
		create function public.eq(varchar, text) returns boolean language plpgsql as $$ begin perform public.bait('='); return $1::text operator(pg_catalog.=) $2; end $$;
		create function public.ne(varchar, text) returns boolean language plpgsql as $$ begin perform public.bait('<>'); return $1::text operator(pg_catalog.<>) $2; end $$;
		create function public.eqv(varchar, varchar) returns boolean language plpgsql as $$ begin perform public.bait('='); return $1::text operator(pg_catalog.=) $2::text; end $$;
		create function public.nev(varchar, varchar) returns boolean language plpgsql as $$ begin perform public.bait('<>'); return $1::text operator(pg_catalog.<>) $2::text; end $$;
		create function public.eqt(text, varchar) returns boolean language plpgsql as $$ begin perform public.bait('='); return $1 operator(pg_catalog.=) $2::text; end $$;
		create function public.glue(text, integer) returns text language plpgsql as $$ begin perform public.bait('||'); return $1 operator(pg_catalog.||) $2::text; end $$;
		create function public.shift(bigint, bigint) returns bigint language plpgsql as $$ begin perform public.bait('<<'); return $1 operator(pg_catalog.<<) $2::integer; end $$;
		create operator public.= (leftarg = varchar, rightarg = text, function = public.eq);
		create operator public.<> (leftarg = varchar, rightarg = text, function = public.ne);
		create operator public.= (leftarg = varchar, rightarg = varchar, function = public.eqv);
		create operator public.<> (leftarg = varchar, rightarg = varchar, function = public.nev);
		create operator public.= (leftarg = text, rightarg = varchar, function = public.eqt);
		create operator public.|| (leftarg = text, rightarg = integer, function = public.glue);
		create operator public.<< (leftarg = bigint, rightarg = bigint, function = public.shift);
		create type public.term as (word text);
		create function public.term(text) returns public.term language plpgsql as $$ begin perform public.bait('cast'); return row($1)::public.term; end $$;
		create function public.term(jsonb) returns public.term language plpgsql as $$ begin perform public.bait('cast'); return row($1::text)::public.term; end $$;
		create cast (text as public.term) with function public.term(text) as implicit;
		create cast (jsonb as public.term) with function public.term(jsonb) as implicit;
		create function public.pick(public.term, text) returns text language plpgsql as $$ begin perform public.bait('->>'); return ''; end $$;
		create operator public.->> (leftarg = public.term, rightarg = text, function = public.pick);
		create operator public.= (leftarg = public.term, rightarg = text, function = public.pick);
	SQL
	check "$DB: the lures are laid" test ! -s "$WORK/lure.log"
}
# A BSS whose texts are varchar: what is no exact match in pg_catalog is one in public.
varchars() {
	sql "$DB" -c "alter table bss_order alter status_name drop default, alter status_name type varchar(40), alter storefront_type type varchar(20)" \
		-c "alter table bss_order_item alter action type varchar(20), alter tier_code type varchar(20), alter delivery_status type varchar(20)" \
		-c "alter table bss_product alter code type varchar(20)" -c "alter table bss_subscription alter status type varchar(20), alter sync_status type varchar(20), alter external_id type varchar(80)" \
		-c "alter table bss_account_sync alter system_code type varchar(20)"
}
sprung() { is "$1: no lure was taken" "select coalesce(string_agg(distinct who || ' ran ' || what, ', '), '') from public.loot" ""; }

DB=lured
pg_orders lured 101 102
varchars
lure
pg_add_order lured 103
# This test's own statements must not take them either.
sql postgres -c "alter role postgres in database lured set search_path = pg_catalog"
sql lured -c "update public.bss_order set status_name = 'Draft' where order_id = 'ORD-103'"
check "the lures work" test "$(as reader -c "select lower('A'::varchar)" >/dev/null; sql lured -c 'select distinct who from public.loot where who <> current_user')" = reader
sql lured -c 'delete from public.loot'
db_job
expect "a night among lures" 0 "$TENANTRY" run job.yaml
is "it wrote back" "select count(*) from public.bss_subscription where status = 'Active'" 2
sprung "a night"
# All words of refusal, in each function, by its own caller and by the others.
every='[{"order_item_id": "OI-101", "account_id": "1", "subscription_id": "00000000-0000-4000-8000-000000000001", "action": "new", "status": "Active", "reason": "x"},
	{"order_item_id": "OI-none", "account_id": "1", "action": "cancel", "status": "Cancelled", "subscription_id": "00000000-0000-4000-8000-000000000001"}]'
words() {
	as tenantry -c "$1" -c "select outcome from tenantry.begin_subscriptions('$every', '{nothing}')" -c "select outcome from tenantry.begin_subscriptions('$every', '{Executed}')" \
		-c "select outcome from tenantry.activate_subscriptions('$every', '{Executed}')" -c "select outcome from tenantry.fail_subscriptions('$every')" \
		-c "select count(*) from tenantry.order_item_states('{OI-101}')" | grep . | sort | uniq -c | tr -s ' \n' ' '
}
check "the functions refuse" test "$(words "select ''")" = " 1 1 8 changed "
sprung "refusals"
check "whatever the caller's path" test "$(words "set search_path = public, pg_catalog, pg_temp")" = " 1 1 8 changed "
sprung "refusals with the lures first"
check "the attacker is what it was" test "$(sql lured -c "select rolsuper or rolcreaterole from pg_roles where rolname = 'intern'")" = f
run as intern -c "select tenantry.begin_subscriptions('[]', '{}')"
check "it may call nothing of ours" grep -q 'permission denied' "$WORK/out"

# What the job's own role puts before the tables and types of that name: temporary ones, and a schema that comes earlier on its path.
sql lured -c "create schema early" -c "grant usage, create on schema early to intern" -c "alter role tenantry in database lured set search_path = early, public"
as intern -c "create table early.bss_order (order_id text)" -c "create table early.bss_order_item (order_item_id text)" -c "create table early.bss_subscription (order_item_id text)" \
	-c "create table early.word (kind text, word text, status text)" -c "grant all on all tables in schema early to public" >"$WORK/early.log"
sql lured -c "update public.bss_order set status_name = 'Submitted' where order_id = 'ORD-103'"
begin='[{"order_item_id": "OI-103", "account_id": "103", "subscription_id": "00000000-0000-4000-8000-000000000103", "action": "new", "product": "CCSP-T1"}]'
check "temporary things of our names change nothing" test "$(as tenantry -c "create temp table bss_order_item (order_item_id text, order_id text)" -c "create temp table bss_subscription (subscription_id uuid)" \
	-c "create temp table word (kind text, word text)" -c "create domain pg_temp.jsonb as text" -c "create domain pg_temp.uuid as text check (value is null)" \
	-c "create function pg_temp.format(text, text) returns text language sql as 'select \$1 from public.bait(''temp'')'" -c "set search_path = pg_temp, early, public, pg_catalog" \
	-c "select outcome from tenantry.begin_subscriptions('$begin'::pg_catalog.jsonb, '{Submitted}'::pg_catalog.text[])" | tail -1)" = "done"
is "the subscription is in the BSS's table" "select count(*) from public.bss_subscription where order_item_id = 'OI-103'" 1
is "and in no other" "select count(*) from early.bss_subscription" 0
sprung "temporary things"
sql lured -c "alter role tenantry in database lured reset search_path" -c "delete from public.bss_subscription where order_item_id = 'OI-103'"

# A site's own queries find what they always found: tables and functions in the path of the role, or of the connection text.
DB=house
pg_orders house 151
sql house -c "create schema house" -c "grant usage on schema house to tenantry" -c "create function house.shout(text) returns text language sql as 'select upper(\$1)'" \
	-c "create view house.open_orders as select i.order_item_id, o.order_id, o.status_name, o.account_id, o.currency, o.order_date from public.bss_order o join public.bss_order_item i using (order_id)" -c "grant select on house.open_orders to tenantry"
cat >house.sql <<-SQL
	select order_id, order_item_id, order_date, status_name as order_status, account_id, shout('reseller ' || account_id) as account, true as is_reseller, 'CCSP-T1' as product_code, 'Tier 1' as tier, 1 as quantity, currency,
		'admin@r' || account_id || '.example.com' as email, '1 Main Street' as address_1, 'Boston' as city, '02110' as post_code, 'US' as country_code, true as terms_accepted from open_orders
SQL
db_job
sed -i 's|orders: {database: pending_orders}|orders: {database: house, query: house.sql}|' job.yaml
expect "a query whose tables are in no path" 3 "$TENANTRY" validate job.yaml
says "  says which" 'relation "open_orders" does not exist'
export BSS_CONNINFO="$BSS_CONNINFO options='-c search_path=house,public'"
expect "in the path of the connection text" 0 "$TENANTRY" validate job.yaml
check "  it is found" grep -q 'RESELLER 151' "$(last_run)/accepted.csv"
export BSS_CONNINFO="host=$PG_SOCKET port=$PG_PORT dbname=house user=tenantry"
sql house -c "alter role tenantry in database house set search_path = house, public"
expect "in the path of the role" 0 "$TENANTRY" check job.yaml
says "  it is found" "database:house: 1 rows"
expect "and a night" 0 "$TENANTRY" run job.yaml
check "  writes back all the same" test "$(sql house -c "select count(*) from bss_subscription where status = 'Active'")" = 1

# ---- A stolen job password writes what an order asks for, and nothing else.
DB=stolen
pg_orders stolen 201 202 203
id() { echo "00000000-0000-4000-8000-000000000$1"; }
call() { # FUNCTION ORDER MEMBERS [PENDING]: "outcome: detail"
	local pending=", '{${4:-Submitted}}'"
	[[ $1 == fail ]] && pending=
	as tenantry -F ': ' -c "select outcome, detail from tenantry.$1_subscriptions('[{\"order_item_id\": \"OI-$2\", \"account_id\": \"$2\", \"subscription_id\": \"$(id "$2")\"$3}]'$pending)"
}
answers() { check "$1 ($3)" grep -qE "$2" <<<"$3"; }
new=', "action": "new", "product": "CCSP-T1"'
tenant=', "external_id": "11111111-1111-4111-8111-111111111111"'
answers "an order is begun" '^done' "$(call begin 201 "$new")"
answers "a status that is no word of ours" '^refused: .*"Nonsense"' "$(call activate 201 "$new$tenant, \"status\": \"Nonsense\"")"
answers "a status of another action" '^refused: .*"Cancelled"' "$(call activate 201 "$new$tenant, \"status\": \"Cancelled\"")"
answers "no status" '^refused' "$(call activate 201 "$new$tenant")"
answers "an action that was not ordered" '^changed: the action is "new" now' "$(call activate 201 ", \"action\": \"cancel\", \"status\": \"Cancelled\"$tenant")"
answers "an action that is no word of ours" '^changed: the action is "new" now' "$(call activate 201 ", \"action\": \"explode\", \"status\": \"Active\"$tenant")"
is "nothing of it was written" "select status, sync_status from bss_subscription" "Pending|Pending"
answers "what was ordered" '^done' "$(call activate 201 "$new$tenant, \"status\": \"Active\"")"
answers "and again" '^already' "$(call activate 201 "$new$tenant, \"status\": \"Active\"")"
answers "an active contract gets no other status" '^(refused|changed)' "$(call activate 201 "$new$tenant, \"status\": \"Nonsense\"" Submitted,Executed)"
answers "nor one of a later action" '^changed' "$(call activate 201 ", \"action\": \"suspend\", \"status\": \"Suspended\"$tenant" Submitted,Executed)"
answers "nor a failure" '^changed' "$(call fail 201 ', "reason": "because"')"
is "it is active" "select status, sync_status from bss_subscription" "Active|Synchronized"
sql stolen -c "update bss_order set status_name = 'Draft' where order_id = 'ORD-202'"
answers "an order that is not pending, whatever the caller says" '^refused: the order.s status "Draft" is no pending one in tenantry.word' "$(call begin 202 "$new" Submitted,Draft)"
sql stolen -c "insert into tenantry.word (kind, word) values ('pending', 'draft')"
answers "until the table says it" '^done' "$(call begin 202 "$new" Submitted,Draft)"
answers "and the caller" '^changed' "$(call begin 202 "$new")"
sql stolen -c "insert into bss_order (order_id, account_id, status_name) values ('UP', 201, 'Submitted')" \
	-c "insert into bss_order_item (order_item_id, order_id, subscription_id, action) select 'OI-UP', 'UP', '$(id 201)', 'upgrade'" \
	-c "insert into bss_subscription (subscription_id, account_id, status) values ('$(id 999)', 201, 'Active')"
upgrade() { as tenantry -F ': ' -c "select outcome, detail from tenantry.activate_subscriptions('[{\"order_item_id\": \"OI-UP\", \"account_id\": \"201\", \"subscription_id\": \"$1\", \"action\": \"upgrade\", \"status\": \"Active\"$tenant}]', '{Submitted}')"; }
answers "a subscription that the order does not name" '^changed: the order is for the subscription' "$(upgrade "$(id 999)")"
answers "an order to upgrade begins no subscription" '^refused: an order to upgrade begins no' "$(as tenantry -F ': ' -c "select outcome, detail from tenantry.begin_subscriptions('[{\"order_item_id\": \"OI-UP\", \"account_id\": \"201\", \"subscription_id\": \"$(id 998)\", \"action\": \"upgrade\", \"product\": \"CCSP-T1\"}]', '{Submitted}')")"
answers "the one that it names" '^done' "$(upgrade "$(id 201)")"
for statement in "insert into tenantry.word values ('action', 'x', 'y')" "update tenantry.word set status = 'Nonsense'" "update bss_subscription set status = 'Nonsense'" "set role tenantry_owner" \
	"create function tenantry.begin_subscriptions(jsonb, anyarray) returns int language sql as 'select 1'" "select tenantry.each_item('begin', '[]', '{}')" "alter function tenantry.version() owner to tenantry"; do
	run as tenantry -c "$statement"
	check "the role cannot: $statement" grep -qE 'permission denied|must be owner|must be member' "$WORK/out"
done
run as tenantry_owner -c "select 1"
check "nobody logs in as the owner" grep -q 'not permitted to log in' "$WORK/out"
is "whose rights are those it needs" "select string_agg(distinct privilege_type || ' ' || table_schema || '.' || table_name, ', ' order by privilege_type || ' ' || table_schema || '.' || table_name) from information_schema.table_privileges where grantee = 'tenantry_owner' and privilege_type <> 'SELECT'" ""
is "and columns" "select count(*) from information_schema.column_privileges where grantee = 'tenantry_owner' and privilege_type in ('INSERT', 'UPDATE', 'REFERENCES') and column_name in ('account_id', 'order_id', 'quantity', 'currency') and privilege_type <> 'INSERT'" 0

# ---- The file of the functions, from the version of before and again.
DB=renewed
sql postgres -c "create database renewed"
sed '/^\\ir /d' "$ROOT/samples/bss/schema.sql" >"$WORK/tables.sql"
sql renewed -f "$WORK/tables.sql" -f "$ROOT/tests/cli/pg_functions_1.sql"
sql renewed -c "insert into bss_product (code, name, product_type_code, tier_code) values ('CCSP-T1', 'Tier 1', 'CCSP', 'Tier 1')"
pg_add_order renewed 301
pg_add_order renewed 302
export BSS_CONNINFO="host=$PG_SOCKET port=$PG_PORT dbname=renewed user=tenantry"
db_job
answers "version 1 begins" '^done' "$(call begin 301 "$new")"
sql renewed -f "$ROOT/samples/bss/tenantry.sql"
is "version 2 has an owner without a login" "select string_agg(distinct pg_get_userbyid(proowner), ' '), bool_and(proconfig @> '{\"search_path=pg_catalog, pg_temp\"}') from pg_proc where pronamespace = 'tenantry'::regnamespace" "tenantry_owner|t"
is "says so, and it is the program's" "select tenantry.version()" "$(sed -n 's/.*PG_FUNCTIONS_VERSION = \([0-9]*\).*/\1/p' "$ROOT/src/bss/pg_security.h")"
answers "goes on with what version 1 began" '^already' "$(call begin 301 "$new")"
answers "to its end" '^done' "$(call activate 301 "$new$tenant, \"status\": \"Active\"")"
sql renewed -c "insert into tenantry.word (kind, word) values ('pending', 'Approved')" -c "delete from tenantry.word where word = ''"
sql renewed -f "$ROOT/samples/bss/tenantry.sql" >"$WORK/again.log" 2>&1
check "again: nothing is said" test ! -s "$WORK/again.log"
is "and the words are kept" "select string_agg(word, ' ' order by word) from tenantry.word where kind = 'pending'" "Approved Submitted"
expect "a night with the renewed functions" 0 "$TENANTRY" run job.yaml
is "does the other order" "select count(*) from bss_order where status_name = 'Executed'" 2
# By an administrator who is no superuser, and not into a schema that is somebody else's.
sql postgres -c "create role dba login createrole" -c "create database theirs owner dba" -c "create database taken"
DB=theirs
run as dba -v ON_ERROR_STOP=1 -f "$ROOT/samples/bss/schema.sql" -f "$ROOT/samples/bss/tenantry.sql"
check "an administrator without superuser loads both, and one again" test "$STATUS" = 0
DB=taken
sql taken -c "grant create on database taken to intern" -f "$WORK/tables.sql"
as intern -c "create schema tenantry" -c "create function tenantry.version() returns integer language sql as 'select 2'" >"$WORK/taken.log"
run sql taken -f "$ROOT/samples/bss/tenantry.sql"
check "a schema that an attacker made is refused" grep -q 'belongs to intern' "$WORK/err"
finish
