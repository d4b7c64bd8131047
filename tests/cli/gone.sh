#!/usr/bin/env bash
# Orders that were accepted, are not done, and that the source does not give any more: exports that are cut, or have the
# newest days only. Each is told until it comes back or a person has decided; none is forgotten with "all good".
. "$(dirname "$0")/lib.sh"
start_sandbox
cd "$WORK" || exit 2
night() { expect "$1" "$2" "$TENANTRY" run job.yaml --now "${3:-$NOW}"; }
fault() { admin faults -X POST -H 'Content-Type: application/json' -d "{\"add\": [\"$1\"]}" >/dev/null; }
states() { sqlite3 var/test.db "SELECT group_concat(item_id || ' ' || state || ' ' || reason, ', ') FROM (SELECT * FROM items ORDER BY key)"; }
waiting() { order "$1" | sed "s/true,,\$/true,,2026-12-01/; ${2:-}"; }
file() { { echo "$ORDER_HEADER" && cat; } >orders.csv; }
write_job 's|, reconcile||' 's|timeout: 10s|timeout: 10s\n  retries: 0|'

fault "CreateTenant:500:count=0"
{ order 801 && waiting 802 && waiting 803; } | file
night "one fails, two wait for their day" 1
faults_off
check "so they are" test "$(states)" = "OI-801 failed unavailable, OI-802 accepted , OI-803 accepted "

# One was cancelled, says the source; of the others it says nothing.
{ order 804 && waiting 803 's/Submitted/Cancelled/'; } | file
expect "the plan" 0 "$TENANTRY" plan job.yaml -o plan.json --now "$NOW"
says "names who is missed" "order-gone"
night "two are gone" 1
check "and are told, not done" test "$(states)" = "OI-801 parked order-gone, OI-802 parked order-gone, OI-803 received , OI-804 done "
says "with what to do" "tenantry decide OI-801 --skip"
check "its counts close" counts_close "$(last_run)/run.json"
check "in their file, too" test "$(grep -c order-gone "$(last_run)/failed.csv")" = 2
{ order 804; } | file
night "and again, without the one that was cancelled" 1
says "they wait" "2 orders of earlier runs wait for a decision"

# They come back and nobody has to release them; one with a row that is not good, and still it is not gone.
{ order 801 | sed 's/,Boston,/,,/' && waiting 802 && waiting 803; } | file
night "back: one is rejected, one waits" 1
check "for its day" test "$(states)" = "OI-801 parked order-gone, OI-802 accepted , OI-803 accepted , OI-804 done "
{ order 801 && waiting 802 && waiting 803; } | file
night "both are good" 0
check "what had failed is done" test "$(states)" = "OI-801 done , OI-802 accepted , OI-803 accepted , OI-804 done "
night "on their day" 0 2026-12-01T01:30:00Z
check "the others too" test "$(states)" = "OI-801 done , OI-802 done , OI-803 done , OI-804 done "
check "nothing was made twice" test "$(made CreateTenant 201)" = 4
check "no mail either" test "$(made SendActivationEmail 204)" = 4

# Work that began is missed whatever its order's status is by now; a word of a person settles it.
fault "UpdateTenantPricingSettings:500:count=0"
order 805 | file
night "half a tenant" 1
faults_off
order 805 | sed 's/Submitted/Cancelled/' | file
night "of an order that was cancelled" 1
check "is told" test "$(states | grep -o 'OI-805.*')" = "OI-805 parked order-gone"
expect "it is skipped" 0 "$TENANTRY" decide OI-805 --skip --reason "cancelled by the customer" --job job.yaml --now "$NOW"
night "and that is the end of it" 0
finish
