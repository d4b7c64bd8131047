#!/usr/bin/env bash
# A night from orders to reports and the same night again: what is made, what is not made twice, what closes.
. "$(dirname "$0")/lib.sh"
start_sandbox
orders 101 102 103 104 105 >"$WORK/orders.csv"
write_job
cd "$WORK" || exit 2

expect "first night" 0 "$TENANTRY" run job.yaml --now $NOW
says "first night: the verdict" "all good"
first=$(last_run)
check "five tenants" test "$(made CreateTenant 201)" = 5
check "five users" test "$(made CreateUser 200)" = 5
check "five mails" test "$(made SendActivationEmail 204)" = 5
# A mail that finds a kept connection dead would be in doubt, and nobody may send it again.
check "each mail over a connection that nothing went over before" \
	test "$(jq -s '[.[] | {connection, operation}] as $all | [range(length) | select($all[.].operation == "SendActivationEmail")
		| . as $i | select([$all[:$i][] | select(.connection == $all[$i].connection)] == [])] | length' requests.ndjson)" = 5
check "tier, licensing mode: ten settings" test "$(made UpdateTenantApplicationSetting 200)" = 10
check "counts close in run.json" counts_close "$first/run.json"
for file in run.json accepted.csv rejected.csv findings.csv failed.csv subscriptions-import.csv orders-executed.csv report.html report.xlsx tenants.csv.zst; do
	check "the folder has $file" test -s "$first/$file"
done
for file in findings failed orders-executed; do
	check "the README has the columns of $file.csv" grep -qF "\`$file.csv\` | $(head -1 "$first/$file.csv" | tr -d '\r' | sed 's/,/, /g') |" "$ROOT/README.md"
done
no_leftovers "no temporary file stays" "$WORK/var"
check "the run folder is private" test "$(stat -c %a "$first")" = 700
check "the files are private" test "$(stat -c %a "$first/accepted.csv")" = 600
check "the secret is in no file" bash -c '! grep -rqF "$ACRONIS_CLIENT_SECRET" "$1"' _ "$WORK/var"
check "five subscriptions to import" test "$(wc -l <"$first/subscriptions-import.csv")" = 6
check "five orders executed" test "$(wc -l <"$first/orders-executed.csv")" = 6

before=$(changes)
expect "second night" 0 "$TENANTRY" run job.yaml --now 2026-11-20T03:30:00Z
check "the second night changes nothing" test "$(changes)" = "$((before + $(made_tokens=$(made RequestTokens 200); echo $((made_tokens - 1)))))"
says "the second night says so" "already"
second=$(last_run)
check "the second run folder is another" test "$second" != "$first"
check "its counts close" counts_close "$second/run.json"

cp "$first/subscriptions-import.csv" "$WORK/subscriptions.csv"
expect "third night, imported" 0 "$TENANTRY" run job.yaml --now 2026-11-21T01:30:00Z
check "no finding after the import" field "$(last_run)/run.json" '[.findings[]?] | length' 0

# A second BSS name or another parent must not use this ledger.
sed 's/name: main/name: other/' job.yaml >other.yaml
expect "another BSS on the same ledger" 3 "$TENANTRY" run other.yaml --now $NOW
says "it says which" "main"
finish
