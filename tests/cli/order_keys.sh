#!/usr/bin/env bash
# A hit in memory is held against what it was remembered for: ids that are used again, orders that say something else
# after they were done, items that move into sub-orders, words for nothing in columns of ids, and the key that the job
# says, changed both ways. Each row that is read ends as done, as rejected with a reason, or as the same item.
. "$(dirname "$0")/lib.sh"
start_sandbox
cd "$WORK" || exit 2
night() { expect "$1" "$2" "$TENANTRY" run job.yaml --now "${3:-$NOW}"; }
intake() { field "$(last_run)/run.json" ".intake | .$1" "$2"; }
totals() { field "$(last_run)/run.json" ".intake | $1" "$2"; }
reasons() { grep -qF -- "$1" "$(last_run)/rejected.csv"; }
warned() { field "$(last_run)/run.json" '.intake | "\(.ignored_by_reason["already-done"]) \(.warnings["changed-after-done"]) \(.changed_after_done[0].what)"' "1 1 $1"; }
fault() { admin faults -X POST -H 'Content-Type: application/json' -d "{\"add\": [\"$1\"]}" >/dev/null; }
state() { "$TENANTRY" show "$1" --job job.yaml --json | jq -r '.orders[0] | .state + " " + (.reason // "")'; }
# line NUMBER ITEM ORDER [SED]: order NUMBER under these ids
line() { order "$1" | sed "s|^ORD-$1,OI-$1,|$3,$2,|; ${4:-}"; }
file() { { echo "$ORDER_HEADER"; cat; } >orders.csv; }
# parent ORDER: the row with its Parent Order Id
parent() { { echo "$ORDER_HEADER,Parent Order Id"; sed "s/\$/,$1/"; } >orders.csv; }

# An id that is used again.
write_job 's|, reconcile||' 's|timeout: 10s|timeout: 10s\n  retries: 0|'
line 601 1 ORD-601 | file
night "line 1 of one order" 0
line 602 1 ORD-602 | file
night "line 1 of another one" 1
check "is refused" intake 'rejected_by_rule["order-key-reused"]' 1
check "with both orders" reasons 'the order item id ""1"" is known for order ORD-601 of account 601 (new, Tier 1; done); this is order ORD-602 of account 602'
check "and what helps" reasons "bss.order_key: order_item"
check "its counts close" counts_close "$(last_run)/run.json"
check "nobody was made for it" test "$(made CreateTenant 201)" = 1
check "the first one is done still" test "$(state ORD-601)" = "done "
for what in 's/,new,/,cancel,/:action' 's/CCSP-T1,Tier 1/CCSP-T2,Tier 2/:product and tier' 's/,601,Reseller/,699,Reseller/:account'; do
	line 601 1 ORD-601 "${what%:*}" | file
	night "the same ids, another ${what#*:}" 1
	check "says so: ${what#*:}" reasons "with another ${what#*:}: order it as an item with an id of its own"
done

# What is done stays, and what changed is told.
line 601 1 ORD-601 | file
night "the same again" 0
check "is already done" intake 'ignored_by_reason["already-done"]' 1
check "without a warning" intake 'warnings | length' 0
for what in 's/,1,USD/,2,USD/:quantity' 's/,USD,/,EUR,/:currency' 's/Ann,Lee/Bea,Lee/:contact' 's/Boston/Chicago/:address' \
	's/2026-11-18/2026-11-19/:order date' 's/true,,$/true,,2026-12-01/:start date'; do
	line 601 1 ORD-601 "${what%:*}" | file
	night "another ${what#*:}" 0
	check "is already done, with a warning: ${what#*:}" warned "${what#*:}"
done
says "the text counts it" "1 changed-after-done"
says "and names what differs" "(1: start date)"
check "as does the page" grep -q 'Done, and something else by now' "$(last_run)/report.html"

# Into a sub-order.
line 601 1 ORD-690 | file
night "an item in a sub-order of the same date" 0
check "is the same" intake 'ignored_by_reason["already-done"]' 1
check "and not changed" intake 'warnings | length' 0
line 601 1 ORD-690 's/2026-11-18/2026-11-19/' | file
night "of another date" 1
check "is not proved" intake 'rejected_by_rule["order-key-reused"]' 1
line 601 1 ORD-690 's/2026-11-18/2026-11-19/' | parent ORD-601
night "but by its parent" 0
check "it is the same" warned "order date"
line 602 1 ORD-690 | parent ORD-601
night "which no other account has" 1
check "its counts close too" counts_close "$(last_run)/run.json"

# Twice in one file.
{ line 603 7 ORD-603 && line 604 7 ORD-604; } | file
night "one id in two rows" 1
check "both are refused" intake 'rejected_by_rule["order-duplicate"]' 2
check "and told why" reasons "there of another order or account: each item needs an id of its own (ids that are unique within their order only: bss.order_key: order_item)"

# The two ids together: what was done under one of them stays done.
sed -i 's/^  name: main/  name: main\n  order_key: order_item/' job.yaml
{ line 601 1 ORD-601 && line 602 1 ORD-602 && line 603 1 ORD-603; } | file
night "line numbers, with both ids" 0
check "what was done is done" intake 'ignored_by_reason["already-done"]' 1
check "the others are done now" field "$(last_run)/run.json" .provision.done 2
expect "its audit" 0 "$TENANTRY" verify last --job job.yaml
check "with keys of their own" test "$(sqlite3 var/test.db "SELECT group_concat(key, ' ') FROM (SELECT key FROM items ORDER BY key)")" = "main/1 main/ORD-602/1 main/ORD-603/1"
check "an item is shown by both ids" test "$(state ORD-602/1)" = "done "
# A ledger that was lost has them from our tags, and knows no more than the account.
mkdir aside && mv var/runs/* aside/ && mv var/test.db aside/
expect "a rebuild from Acronis alone" 1 "$TENANTRY" rebuild job.yaml
check "knows both ids" test "$(sqlite3 var/test.db "SELECT order_id || ' ' || item_id FROM items WHERE key = 'main/ORD-602/1'")" = "ORD-602 1"
for key in order_item item; do
	expect "and what was made, by $key" 0 "$TENANTRY" validate job.yaml --now "$NOW"
	check "none is new or refused: $key" totals '"\(.read) \(.ignored_by_reason.parked)"' "3 3"
	sed -i 's/order_key: order_item/order_key: item/' job.yaml
done
sed -i 's/order_key: item/order_key: order_item/' job.yaml
rm -rf var/runs var/test.db*
mv aside/test.db var/ && mkdir var/runs && mv aside/* var/runs/ && rmdir aside
line 601 1 ORD-690 | file
night "what was the same before" 0
check "is it still" intake 'ignored_by_reason["already-done"]' 1
line 602 1 ORD-690 | parent ORD-602
night "a sub-order" 0
check "has its parent's key" intake 'ignored_by_reason["already-done"]' 1
line 604 1 ORD-602 | file
night "both ids, of another account" 1
check "are refused" reasons "is known for order ORD-602 of account 602"
sed -i '/order_key:/d' job.yaml
{ line 601 1 ORD-601 && line 602 1 ORD-602; } | file
night "and back, both line numbers in one file" 0
check "each is known by both of its ids" intake 'ignored_by_reason["already-done"]' 2
for n in 601 602 603; do
	line $n 1 ORD-$n | file
	night "order $n, by the item alone again" 0
	check "order $n is done" intake 'ignored_by_reason["already-done"]' 1
done
check "no tenant was made twice" test "$(made CreateTenant 201)" = 3

# Work that is under way knows its order, too, whatever the key is by now.
line 605 5 ORD-605 | file
fault "UpdateTenantPricingSettings:500:count=0"
night "an order that fails" 1
failed=$(basename "$(last_run)")
line 606 5 ORD-606 | file
night "another one under its id" 1
check "is refused all the same" reasons "is known for order ORD-605 of account 605 (new, Tier 1; failed)"
check "the first one, which nobody orders now, waits" test "$(sqlite3 var/test.db "SELECT account_id || ' ' || order_id || ' ' || state || ' ' || reason FROM items WHERE key = 'main/5'")" = "605 ORD-605 parked order-gone"
expect "a retry" 1 "$TENANTRY" retry "$failed" --job job.yaml --now "$NOW"
says "has nothing to do, and says what waits" "1 of its orders is parked"
expect "a mail says so too" 1 "$TENANTRY" retry "$failed" --quiet --job job.yaml --now "$NOW"
says "with what to do" "tenantry show parked"
expect "a retry of it, parked" 1 "$TENANTRY" retry "$failed" --include-parked --job job.yaml --now "$NOW"
check "does not take it for the other" test "$(state ORD-605)" = "parked order-gone"
check "nor does it do the other" test "$(made CreateTenant 201)" = 4
faults_off
line 605 5 ORD-605 | parent ORD-600
sed -i 's/^  name: main/  name: main\n  order_key: order_item/' job.yaml
expect "the right one, with another key, in a sub-order's words" 0 "$TENANTRY" retry last --include-parked --job job.yaml --now "$NOW"
check "goes on as what it was" test "$(sqlite3 var/test.db "SELECT key || ' ' || state FROM items WHERE order_id = 'ORD-605'")" = "main/5 done"
check "on the tenant that it had" test "$(made CreateTenant 201)" = 4
sed -i '/order_key:/d' job.yaml

line 641 6 ORD-641 's/true,,$/true,,2026-12-15/' | file
night "an order that waits for its day" 0
line 642 6 ORD-642 's/true,,$/true,,2026-12-15/' | file
night "another one under its id meanwhile" 1
check "is refused, and the first one is the record still" test "$(sqlite3 var/test.db "SELECT order_id || ' ' || account_id || ' ' || state FROM items WHERE key = 'main/6'")" = "ORD-641 641 parked"
check "with its reason" reasons "is known for order ORD-641 of account 641 (new, Tier 1; accepted)"
line 641 6 ORD-641 's/true,,$/true,,2026-12-15/' | file
night "the first one comes back" 0
check "and waits for its day again" test "$(sqlite3 var/test.db "SELECT account_id || ' ' || state FROM items WHERE key = 'main/6'")" = "641 accepted"
line 641 6 ORD-641 's/,Pending,/,Cancelled,/' | file
night "until it is called off" 0

# A plan is of one order.
line 607 9 ORD-607 | file
expect "a plan" 0 "$TENANTRY" plan job.yaml -o plan.json --now "$NOW"
line 608 9 ORD-608 | file
expect "is not carried out for another one" 5 "$TENANTRY" apply plan.json --now "$NOW"
says "and says so" "the world has moved"
line 607 9 ORD-607 | file
expect "but for its own" 0 "$TENANTRY" apply plan.json --now "$NOW"

# A person's word is about one order.
admin drift -X POST -H 'Content-Type: application/json' -d '{"add": {"name": "Reseller 609 Ltd", "kind": "partner"}}' >/dev/null
line 609 3 ORD-609 | file
night "an order that is parked" 1
line 610 3 ORD-610 | file
night "another one under its id while it waits" 1
check "does not wait with it" intake 'rejected_by_rule["order-key-reused"]' 1
expect "it is skipped" 0 "$TENANTRY" decide 3 --skip --reason "ordered twice" --job job.yaml --now "$NOW"
night "the other one is not skipped with it" 1
check "but refused" intake 'rejected_by_rule["order-key-reused"]' 1
line 609 3 ORD-609 | file
night "the one that was decided" 0
check "stays so" intake ignored_by_reason.decided 1

# Line numbers name nobody: commands take ORDER/ITEM, and print it.
sed -i 's/^  name: main/  name: main\n  order_key: order_item/' job.yaml
for n in 631 632; do admin drift -X POST -H 'Content-Type: application/json' -d "{\"add\": {\"name\": \"Reseller $n Ltd\", \"kind\": \"partner\"}}" >/dev/null; done
{ line 631 7 ORD-631 && line 632 7 ORD-632; } | file
night "two lines 7 that are parked" 1
says "the advice has both ids" "tenantry decide ORD-631/7 --adopt "
says "of each" "tenantry decide ORD-632/7 --adopt "
expect "a decision about line 7" 2 "$TENANTRY" decide 7 --skip --reason x --job job.yaml --now "$NOW"
says "names both" "ORD-631/7 (name-clash), ORD-632/7 (name-clash)"
expect "a retry of line 7" 2 "$TENANTRY" retry last --order 7 --include-parked --job job.yaml --now "$NOW"
says "names both as well" "have an item 7: ORD-631/7, ORD-632/7"
expect "a decision about one of them" 0 "$TENANTRY" decide ORD-631/7 --skip --reason x --job job.yaml --now "$NOW"
check "settles that one" test "$(state ORD-631/7), $(state ORD-632/7)" = "rejected skipped, parked name-clash"
expect "by its number, as it is the only one left" 0 "$TENANTRY" decide 7 --skip --reason x --job job.yaml --now "$NOW"
sed -i '/order_key:/d' job.yaml

# Words for nothing.
{ line 621 NULL ORD-621 && line 622 '#N/A' ORD-622 && line 623 0 ORD-623 's/true,,$/true,(null),/'; } | file
night "items without an id" 0
check "each is its order" field "$(last_run)/run.json" .provision.done 3
check "with a warning" intake 'warnings["id-placeholder"]' 3
check "in the file, too" grep -q '^ORD-621,NULL,.*,id-placeholder$' "$(last_run)/accepted.csv"
{ line 621 '' ORD-621 && line 622 None ORD-622 && line 623 - ORD-623; } | file
night "and again without the words" 0
check "all are done" intake 'ignored_by_reason["already-done"]' 3
i=0
for word in NULL '(null)' None nan undefined '\N' '#N/A' '#REF!' '########' - 0; do ((++i)) && order 624 | sed "s/OI-624/OI-$i/; s/,new,624,/,new,$(printf '%s' "$word" | sed 's|[\\/&]|\\&|g'),/"; done | file
night "no account" 1
check "is no account" intake 'rejected_by_rule["row-malformed"]' 11
{
	echo "$SUBSCRIPTION_HEADER"
	echo "S-700,NULL,700,Reseller 700,,CCSP-T1,Tier 1,Active,1,USD,2026-01-01,,,,Synchronized,2026-11-19T00:00:00Z"
} >subscriptions.csv
echo "$ORDER_HEADER" >orders.csv
night "a subscription without a tenant's id" 0
says "the report says who wrote the word" 'a word for nothing as Subscription External Id'
says "and where" 'the first is "NULL" in subscriptions.csv:2'

# A ledger of before: it has no product, and no date before some version. Nothing that it has done is new or refused.
rm -rf var subscriptions.csv
mkdir var
cat "$ROOT"/src/ledger/sql/migrate_00[1-9].sql "$ROOT"/src/ledger/sql/migrate_010.sql "$ROOT"/tests/cli/ledger_of_schema_10.sql | sqlite3 var/test.db
write_job 's/steps: .*/steps: [validate, report]/'
old() { { line 601 OI-601 ORD-601 "$1" && line 602 NULL ORD-602 "$1" && line 603 '' ORD-603 "$1" && line 604 OI-604 ORD-604 && line 605 OI-605 ORD-605 "$1" && line 601 OI-611 ORD-611 "s/,new,/,suspend,/; $1"; } | file; }
for key in item order_item; do
	old ''
	expect "orders of before, by $key" 0 "$TENANTRY" validate job.yaml --now "$NOW"
	check "are done, one parked, one goes on" totals '"\(.ignored_by_reason["already-done"]) \(.ignored_by_reason.parked) \(.accepted) \(.warnings | length)"' "4 1 1 0"
	old 's/Boston/Chicago/'
	expect "changed since" 0 "$TENANTRY" validate job.yaml --now "$NOW"
	check "they are done, with a warning" totals '"\(.ignored_by_reason["already-done"]) \(.ignored_by_reason.parked) \(.accepted) \(.warnings["changed-after-done"])"' "4 1 1 4"
	old 's/CCSP-T1,Tier 1/CCSP-T2,Tier 2/'
	expect "another tier" 1 "$TENANTRY" validate job.yaml --now "$NOW"
	check "is another order, where the ledger knows the tier" intake 'rejected_by_rule["order-key-reused"]' 3
	line 699 OI-601 ORD-601 | file
	expect "another account" 1 "$TENANTRY" validate job.yaml --now "$NOW"
	check "is another order" intake 'rejected_by_rule["order-key-reused"]' 1
	sed -i 's/^  name: main/  name: main\n  order_key: order_item/' job.yaml
done
finish
