#!/usr/bin/env bash
# Write-back: the subscription pending, then active and synchronized, the order executed; only once; failures as the BSS shows them;
# changes of contracts; files in place of it when the job says so; the role's rights.
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/pg_lib.sh"
start_sandbox
pg_start
cd "$WORK" || exit 2
# By the machine's clock, as the server's: what was written when decides what the snapshot can show.
night() { expect "$1" "$2" "$TENANTRY" run job.yaml; }
# The job of another BSS on the same Acronis: what the others have there is not compared.
other_job() {
	DB=$1
	write_pg_job "s|name: test|name: $1|" "s|ledger: .*|ledger: var/$1.db|" "s|  name: main|  name: $1|" 's|steps: .*|steps: [validate, provision, report]|' "${@:2}"
}
is() { check "$1" test "$(sql "$DB" -c "$2")" = "$3"; }

# ---- A night, and the same night again.
DB=bss
pg_orders bss 101 102 103
# Two items in one order, of which the other is somebody else's to deliver.
sql bss -c "insert into bss_order_item (order_item_id, order_id, action, delivery_status) values ('OI-103-B', 'ORD-103', 'new', 'Pending')"
cat >ours.sql <<SQL
select * from ($(cat "$ROOT/src/bss/sql/pending_orders.sql")) q where "Order Item Id" <> 'OI-103-B'
SQL
write_pg_job 's|orders: {database: pending_orders}|orders: {database: ours, query: ours.sql}|'
night "a night" 0
says "its verdict" "all good"
first=$(last_run)
is "three subscriptions, active and synchronized" "select count(*) from bss_subscription where status = 'Active' and sync_status = 'Synchronized'" 3
is "each with its tenant" "select count(*) from bss_subscription s join bss_account_sync y using (account_id) where s.external_id = y.external_id and y.username like 'admin@r%'" 3
check "the tenants are those of Acronis" test "$(sql bss -c 'select external_id from bss_subscription order by 1' | tr '\n' ' ')" = \
	"$(admin state | jq -r '.tenants[] | select(.customer_id != null and (.customer_id | test("^10[123]$"))) | .id' | sort | tr '\n' ' ')"
is "items executed" "select string_agg(order_item_id, ' ' order by order_item_id) from bss_order_item where delivery_status = 'Executed'" "OI-101 OI-102 OI-103"
is "orders executed, the one with an item left not" "select string_agg(order_id, ' ' order by order_id) from bss_order where status_name = 'Executed'" "ORD-101 ORD-102"
is "the item names its subscription" "select count(*) from bss_order_item i join bss_subscription s on i.subscription_id = s.subscription_id and s.order_item_id = i.order_item_id" 3
is "contracts begin on the night's day" "select distinct start_date in ((now() - interval '1 hour')::date, now()::date) from bss_subscription" t
check "no import files" bash -c '! ls "$1"/subscriptions-import.csv "$1"/orders-executed.csv 2>/dev/null' _ "$first"
check "intent and outcome of both writes are in the audit" test "$(grep -c '"call":"bss\.\(begin\|activate\)".*"outcome":"ok"' <(tr -d ' ' <"$first/audit.ndjson"))" = 6
expect "the audit verifies" 0 "$TENANTRY" verify last --job job.yaml
before=$(sql bss -c 'select max(updated_at) from bss_subscription')
night "the next night" 0
is "changes nothing" "select max(updated_at) from bss_subscription" "$before"
check "nor in Acronis" test "$(made CreateTenant)" = 3
check "the new contracts are compared" field "$(last_run)/run.json" '.reconciliation.coverage.subscriptions_examined' 3

# ---- A change of a contract.
sql bss -c "update bss_order_item set delivery_status = 'Canceled' where order_item_id = 'OI-103-B'" \
	-c "insert into bss_order (order_id, order_date, account_id, status_name, storefront_type, currency) values ('UP-101', '2026-11-20', 101, 'Submitted', 'BSS', 'USD'), ('OFF-102', '2026-11-20', 102, 'Submitted', 'BSS', 'USD')" \
	-c "insert into bss_order_item (order_item_id, order_id, product_id, tier_code, subscription_id, action)
		select 'UI-101', 'UP-101', p.product_id, 'Tier 2', s.subscription_id, 'upgrade' from bss_product p, bss_subscription s where p.code = 'CCSP-T2' and s.account_id = 101" \
	-c "insert into bss_order_item (order_item_id, order_id, subscription_id, action) select 'CI-102', 'OFF-102', subscription_id, 'cancel' from bss_subscription where account_id = 102"
night "an upgrade and a cancellation" 0
is "the upgrade: tier and order" "select p.tier_code, s.status, o.status_name from bss_subscription s join bss_product p using (product_id) join bss_order o on o.order_id = 'UP-101' where s.account_id = 101" "Tier 2|Active|Executed"
is "the cancellation" "select s.status, s.end_date is not null, s.cancelled_at is not null, o.status_name from bss_subscription s join bss_order o on o.order_id = 'OFF-102' where s.account_id = 102" "Cancelled|t|t|Executed"
expect "and a night after it finds no difference" 0 "$TENANTRY" reconcile job.yaml

# ---- What fails is shown in the BSS, and mends itself.
pg_orders failing 201 202
other_job failing
admin faults -X POST -H 'Content-Type: application/json' -d '{"add": ["CreateTenant:1004:count=1"]}' >/dev/null
night "one of two fails" 1
faults_off
is "one is active, one says why it is not" "select status, sync_status, sync_comment like '%: %' from bss_subscription order by status" "Active|Synchronized|
Pending|Failed|t"
is "its order waits" "select count(*) from bss_order where status_name = 'Submitted'" 1
state=$(sql failing -c "select sync_comment from bss_subscription where sync_status = 'Failed'")
check "the reason is the run's ($state)" grep -qF "${state%%:*}" "$(last_run)/failed.csv"
expect "retried" 0 "$TENANTRY" retry last --job job.yaml --include-parked
is "then both are active" "select count(*) from bss_subscription where status = 'Active' and sync_status = 'Synchronized' and sync_comment is null" 2

# ---- Part delivery moves items that are under way into sub-orders of another day: they go on as what they were.
for key in item order_item; do
	[[ $key = item ]] && a=251 b=252 || a=253 b=254
	pg_orders moved_$key $a $b
	other_job moved_$key "s|  name: moved_$key|  name: moved_$key\n  order_key: $key|"
	tenants=$(made CreateTenant 201)
	admin faults -X POST -H 'Content-Type: application/json' -d '{"add": ["UpdateTenantPricingSettings:500:count=0"]}' >/dev/null
	night "two that fail half-way, by $key" 1
	faults_off
	sql $DB -c "insert into bss_order (order_id, parent_order_id, order_date, account_id, status_name, storefront_type, currency, terms_accepted)
		select order_id || '-1', order_id, '2026-11-25', account_id, 'Submitted', storefront_type, currency, true from bss_order" \
		-c "update bss_order_item set order_id = order_id || '-1'"
	night "in their sub-orders, by $key" 0
	is "both are done, by $key" "select count(*) from bss_subscription where status = 'Active' and sync_status = 'Synchronized'" 2
	is "and their sub-orders executed, by $key" "select string_agg(order_id, ' ' order by order_id) from bss_order where status_name = 'Executed'" "ORD-$a-1 ORD-$b-1"
	check "on the tenants that they had, by $key" test "$(made CreateTenant 201)" = $((tenants + 2))
done

# ---- Files in place of it.
pg_orders files 301
other_job files 's|retries: 0|retries: 0\n  write_back: false|'
night "write_back: false" 0
is "nothing was written" "select count(*) from bss_subscription" 0
check "but files to import" test "$(wc -l <"$(last_run)/subscriptions-import.csv")" = 2

# ---- What the role may not do, it is not asked to do.
pg_orders rights 401
other_job rights
tenants=$(made CreateTenant)
for statement in "update bss_order set status_name = 'Executed'" "insert into bss_fx_rate values ('USD', 'EUR', 1, now())" "delete from bss_subscription" "create table mine (a int)"; do
	run psql -X -q -h "$PG_SOCKET" -p "$PG_PORT" -U tenantry -d rights -c "$statement"
	check "the role cannot: $statement" grep -q 'permission denied' "$WORK/err"
done
sql rights -c 'revoke execute on function tenantry.activate_subscriptions(jsonb, text[]) from tenantry'
night "a right to write is missing" 3
says "  it names the function" "no right to call tenantry.activate_subscriptions"
says "  and says that nothing was done" "nothing was provisioned"
check "  and nothing was" test "$(made CreateTenant)" = "$tenants"
sql rights -c 'grant execute on function tenantry.activate_subscriptions(jsonb, text[]) to tenantry' -c 'drop function tenantry.fail_subscriptions(jsonb)'
night "a function is missing" 3
says "  it names the function" "the function tenantry.fail_subscriptions(jsonb) is missing"
pg_orders standby 501
other_job standby
sql postgres -c "alter database standby set default_transaction_read_only = on"
night "a read-only server for write-back" 3
says "  it says so" "read-only"
says "  and what to do" "primary"
check "  nothing was made" test "$(made CreateTenant)" = "$tenants"
expect "reading from it is fine" 0 "$TENANTRY" validate job.yaml
sql postgres -c "alter database standby reset default_transaction_read_only"
night "a server that can be written to" 0
finish
