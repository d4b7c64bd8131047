#!/usr/bin/env bash
# The demo as a newcomer plays it: every rule is broken in one night or the other, every class of drift is found, the second night makes nothing.
. "$(dirname "$0")/lib.sh"
cd "$ROOT" || exit 2
export DEMO=$WORK/demo
expect "the demo" 0 env BUILD="$BUILD" bash jobs/demo.sh
says "it says where to look" "report.html"
mapfile -t nights < <(find "$DEMO/runs" -mindepth 1 -maxdepth 1 -type d | sort)
check "two nights" test "${#nights[@]}" = 2
first=${nights[0]}/run.json second=${nights[1]}/run.json
check "the first night closes" counts_close "$first"
check "the second night closes" counts_close "$second"
for code in $("$BUILD/tenantry-docs" rules | sed -n 's/^| `\([a-z-]*\)`.*/\1/p'); do
	check "rule $code is broken" jq -es --arg c "$code" 'any(.[]; .intake.rejected_by_rule[$c] > 0)' "$first" "$second"
done
for code in $("$BUILD/tenantry-docs" findings | sed -n 's/^| `\([a-z-]*\)`.*/\1/p'); do
	check "class $code is found" jq -e --arg c "$code" '[.findings[] | select(.code == $c)] | length > 0' "$first"
done
check "28 tenants were made" test "$(jq -s '[.[] | select(.operation == "CreateTenant" and .status == 201)] | length' "$DEMO/requests.ndjson")" = 28
check "the second night made nothing" field "$second" .provision.done 0
check "the forgotten import is all that waits" field "$second" '[.findings[] | select(.code == "import-pending")] | length' 1
expect "the commands it names work as they stand" 0 "$TENANTRY" show 2040 --job "$DEMO/demo.yaml"
finish
