#!/usr/bin/env bash
# A night again from what `tenantry export` wrote of the BSS database: the same plan, the same comparison with Acronis and the same
# money. The samples, which are the same month, give it a third time.
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/pg_lib.sh"
start_sandbox --seed "$ROOT/samples/sandbox-seed.json"
pg_start
pg_bss bss
cd "$WORK" || exit 2
cp -r "$ROOT/samples" samples

# side OUTPUT [SED...]: the month's job with all four sources, which the SEDs fill in
side() {
	month "$@"
	sed -i 's|^  max_age:.*||; s|^reconcile:|billing: {discount: 20}\nreconcile:|' job.yaml
	grep -q '^reconcile:' job.yaml || printf 'billing: {discount: 20}\nreconcile: {max_age: 0s}\n' >>job.yaml
	cp job.yaml "$1.yaml"
}
side database 's|orders: {csv: orders.csv}|orders: {database: pending_orders}|' \
	's|subscriptions: {csv: subscriptions.csv}|subscriptions: {database: subscriptions}\n  invoices: {database: invoices}\n  rates: {database: rates}\n  database: {env: BSS_CONNINFO}|'
expect "export" 0 "$TENANTRY" export database.yaml -o exported
for file in orders subscriptions invoices rates; do check "there is $file.csv" test -s exported/$file.csv; done
from_files() { # OUTPUT FOLDER ORDERS
	side "$1" "s|orders: {csv: orders.csv}|orders: {csv: \"$2/$3\"}\n  csv: {columns: {E-Mail-Adresse: Email}}|" \
		"s|subscriptions: {csv: subscriptions.csv}|subscriptions: {csv: $2/subscriptions.csv}\n  invoices: {csv: $2/invoices.csv}\n  rates: {csv: $2/rates.csv}|"
}
from_files exported_again exported orders.csv
from_files samples_again samples 'orders*.csv'

# ---- What would be done.
for side in database exported_again; do
	run "$TENANTRY" plan $side.yaml --now $NOW
	check "a plan from $side" test "$STATUS" -le 1
	grep -E '^ |^[A-Z][a-z]* +[0-9]|OI-' "$WORK/out" | sed "s|$side|SIDE|g" >$side.plan
done
check "there is something to do" test "$(grep -c OI- database.plan)" -ge 10
check "the same plan" diff <(grep OI- database.plan) <(grep OI- exported_again.plan)

# ---- What is found, with the money.
for side in database exported_again samples_again; do
	run "$TENANTRY" reconcile $side.yaml --now $NOW
	check "a comparison from $side" test "$STATUS" -le 1
	jq -S '[.findings[] | del(.run, .run_id, .id, .evidence, .first_seen, .last_seen, .opened_at)] | sort_by(.code, .account_id, .subscription_id, .tenant_id, .sentence)' "$(newest $side)/run.json" >$side.findings
	jq -S '.billing // .reconciliation.billing // empty | del(.. | .path?, .digest?, .source?)' "$(newest $side)/run.json" >$side.billing
done
check "there is something to find" test "$(jq length database.findings)" -ge 10
check "some of it is about invoices" jq -e '[.[].code | select(test("amount|usage|commitment"))] | length > 0' database.findings
check "the export gives the same findings" diff database.findings exported_again.findings
# What a database cannot hold is left out of it (seed.sql says what): an amount that is no number (account 1032), a line of an
# unknown subscription (1099), the second row of an order item (3002).
held() { jq -S '[.[] | select(.account_id | IN("1032", "1099", "3002") | not)]' "$1.findings"; }
check "nearly all is held against each other" test "$(held database | jq length)" -ge 60
check "the samples give the same findings, byte for byte" cmp <(held database) <(held samples_again)
tied() { jq -S '[.. | objects | select(has("tied")) | {currency, tied}] | map(select(.currency))' "$1.billing"; }
check "amounts of six currencies are tied" test "$(tied database | jq length)" -eq 6
check "the samples tie the same amounts" cmp <(tied database) <(tied samples_again)
check "the export gives the same totals" cmp database.billing exported_again.billing
check "there are totals" test -s database.billing
finish
