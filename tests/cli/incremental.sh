#!/usr/bin/env bash
# A night after a full one reads what changed: what that costs, what it finds, and when all is read again.
. "$(dirname "$0")/lib.sh"
cd "$WORK" || exit 2
DISTRIBUTOR=d0000000-0000-4000-8000-000000000001
CHANGED=50

# Tenants as old as the contracts: created long ago, so that nothing of them is a change.
world() {
	TENANTS=$1
	jq -nc --argjson n "$TENANTS" --arg d "$DISTRIBUTOR" '{distributor: {id: $d}, tenants: [range($n) | (. + 1) as $i | {
		id: ("a0000000-0000-4000-8000-" + ("000000000000" + ($i | tostring))[-12:]),
		name: "Reseller \($i) Ltd", customer_id: "\($i)", created_at: "2026-01-01T00:00:00Z",
		tier: 0, licensing_mode: "per_gb", pricing: {mode: "production", currency: "USD"}}]}' >seed.json
	rm -rf var
	start_sandbox --seed seed.json --page-size 1000
	{
		echo "$SUBSCRIPTION_HEADER"
		for ((i = 1; i <= TENANTS; i++)); do
			printf 'S-%d,a0000000-0000-4000-8000-%012d,%d,Reseller %d Ltd,,CCSP-T1,Tier 1,Active,1,USD,2026-01-01,,,,Synchronized,2026-10-01T00:00:00Z\n' $i $i $i $i
		done
	} >subscriptions.csv
}
orders >orders.csv
echo "$SUBSCRIPTION_HEADER" >subscriptions.csv
write_job 's/steps: .*/steps: [reconcile, report]/' 's/^  rate: 0/  rate: 0\n  page_size: 1000/' \
	's/min_coverage: 95%/min_coverage: 95%\n  max_age: 0s/' 's/formats: .*/formats: [json, html, csv]}/'
requests() { admin requests | jq .total; }
forget() { admin requests -X DELETE >/dev/null; }
night() { "$TENANTRY" reconcile job.yaml --now "$@"; }
id() { printf 'a0000000-0000-4000-8000-%012d' "$1"; }
drift() { admin drift -X POST -H 'Content-Type: application/json' -d "$1" >drift.out; }
mode() { jq -r '.reconciliation.observation | "\(.mode)|\(.why)"' "$(last_run)/run.json"; }
ages() { jq -r ".reconciliation.observation.ages.$1" "$(last_run)/run.json"; }
# What a night found, without what differs from run to run.
found() { jq -S '[.findings[] | {code, severity, account_id, object, expected, bss, acronis, money, sentence}]' "$(last_run)/run.json"; }
same() { cmp -s "$1" "$2" || { diff "$1" "$2" | head -40 >"$WORK/out"; return 1; }; }

world 10000
forget
expect "the first night reads all" 0 night 2026-11-01T01:30:00Z
full=$(requests)
check "it says why" test "$(mode)" = "full|no earlier observation is known"
check "all values are of tonight" test "$(ages tonight)" = "$TENANTS"

changes='{"changes": ['
for ((i = 1; i <= CHANGED; i++)); do changes+="{\"tenant\": \"$(id $((i * 7)))\", \"enabled\": false},"; done
disabled="${changes%,}]}"
drift "$disabled"
forget
expect "a night with $CHANGED changes" 1 night 2026-11-01T01:40:00Z
little=$(requests)
check "it read the changes" test "$(mode)" = "changes|"
check "and found all $CHANGED" field "$(last_run)/run.json" '.reconciliation.by_code["active-but-disabled"]' "$CHANGED"
echo "# requests: all of $TENANTS tenants $full, $CHANGED changes $little"
check "the calls grow with the changes ($little of $full)" test "$little" -lt $((CHANGED * 5 + TENANTS / 100))
check "the run tells the same number" test "$(jq .reconciliation.observation.requests "$(last_run)/run.json")" -le "$little"
says "the age of the values is told" "tier values: "
check "in HTML too" grep -q 'Age of tier' "$(last_run)/report.html"
stop_sandbox

# The same, smaller, for what takes many nights.
world 700
expect "a first night" 0 night 2026-11-01T01:30:00Z
drift "$disabled"
expect "a night with changes" 1 night 2026-11-01T01:40:00Z
found >changes.json
expect "the same night in full" 1 night 2026-11-01T01:45:00Z --full
check "it says that it was asked for" test "$(mode)" = "full|asked for with --full"
found >full.json
check "both ways find the same" same changes.json full.json

# Details have no stamp. Those of accounts with findings are read tonight, the others when it is their turn.
drift "{\"changes\": [{\"tenant\": \"$(id 1)\", \"tier\": 1}, {\"tenant\": \"$(id 7)\", \"tier\": 1}]}"
expect "tiers change unseen" 1 night 2026-11-01T01:50:00Z
check "of an account with a finding at once" field "$(last_run)/run.json" '[.findings[] | select(.code == "tier-mismatch") | .account_id] | join(" ")' 7
day=2 seen=0
while ((day <= 9)) && ((seen == 0)); do
	night 2026-11-0${day}T01:50:00Z >"$WORK/out" 2>"$WORK/err"
	jq -e '.findings[] | select(.code == "tier-mismatch" and .account_id == "1")' "$(last_run)/run.json" >"$WORK/evidence" && seen=$day
	((day == 2)) && check "a day later a share was read again" test "$(ages tonight)" -gt $((TENANTS / 20)) -a "$(ages tonight)" -lt $((TENANTS / 4))
	check "no value is older than full_every" test "$(ages older)" = 0
	((day++))
done
check "of any account within full_every" test "$seen" -gt 0
check "the evidence says when it was read" grep -q "tier_level_value at 2026-11-0${seen}T01:50" "$WORK/evidence"

# What cannot be gone on from is not.
expect "a night to go on from" 1 night 2026-11-09T01:50:00Z --full
last=$(last_run)/tenants.csv.zst
cp "$last" kept.zst
zstd -dqc kept.zst | sed '2s/,true,/,false,/' | zstd -qc >"$last"
expect "a changed snapshot is no base" 1 night 2026-11-09T02:00:00Z
check "it says so: $(mode)" grep -q "is not what was written" <<<"$(mode)"
rm -f "$(last_run)/tenants.csv.zst"
expect "a lost snapshot is no base" 1 night 2026-11-09T02:10:00Z
check "it says so: $(mode)" grep -q "cannot be read" <<<"$(mode)"
expect "full_every passes" 1 night 2026-11-16T02:09:59Z
check "it says so: $(mode)" grep -q "last full read is of 2026-11-09" <<<"$(mode)"
expect "the clock was set back" 1 night 2026-11-15T02:10:00Z
check "it says so: $(mode)" grep -q "later than now" <<<"$(mode)"

# Tenants come, go, move and come back.
FOLDER=f0000000-0000-4000-8000-000000000001
drift "{\"changes\": [{\"add\": {\"name\": \"Reseller new Ltd\", \"customer_id\": \"new\"}},
	{\"add\": {\"id\": \"$FOLDER\", \"name\": \"North\", \"kind\": \"folder\"}},
	{\"tenant\": \"$(id 2)\", \"delete\": true}, {\"tenant\": \"$(id 3)\", \"parent\": \"$(id 4)\"},
	{\"tenant\": \"$(id 5)\", \"name\": \"Renamed Ltd\"}, {\"tenant\": \"$(id 6)\", \"customer_id\": \"nobody\"}]}"
drift "{\"tenant\": \"$(id 8)\", \"parent\": \"$FOLDER\"}"
expect "a night of moves" 1 night 2026-11-15T02:20:00Z
check "read as changes" test "$(mode)" = "changes|"
found >changes.json
expect "and in full" 1 night 2026-11-15T02:25:00Z --full
found >full.json
check "both ways find the same" same changes.json full.json
drift "{\"tenant\": \"$(id 2)\", \"restore\": true}"
drift "{\"tenant\": \"$(id 3)\", \"parent\": \"$DISTRIBUTOR\"}"
expect "one comes back" 1 night 2026-11-15T02:30:00Z
check "read as changes" test "$(mode)" = "changes|"
found >changes.json
expect "and in full" 1 night 2026-11-15T02:35:00Z --full
found >full.json
check "both ways find the same" same changes.json full.json

# Whatever people click, both ways find the same. Tiers that differ unseen are the exception, and were looked at above.
RANDOM=4711
minute=46
for round in 1 2 3 4; do
	clicks=
	for ((i = 0; i < 25; i++)); do
		n=$((RANDOM % 690 + 11))
		case $((RANDOM % 6)) in
		0) clicks+="{\"tenant\": \"$(id $n)\", \"enabled\": $([ $((RANDOM % 2)) = 0 ] && echo true || echo false)}," ;;
		1) clicks+="{\"tenant\": \"$(id $n)\", \"name\": \"Renamed $round $i\"}," ;;
		2) clicks+="{\"tenant\": \"$(id $n)\", \"customer_id\": \"C$((RANDOM % 50))\"}," ;;
		3) clicks+="{\"tenant\": \"$(id $n)\", \"delete\": true}," ;;
		4) clicks+="{\"tenant\": \"$(id $n)\", \"restore\": true}," ;;
		5) clicks+="{\"tenant\": \"$(id $n)\", \"name\": \"Again $round $i\", \"tier\": $((RANDOM % 2)), \"currency\": \"$([ $((RANDOM % 2)) = 0 ] && echo USD || echo EUR)\"}," ;;
		esac
	done
	drift "{\"changes\": [${clicks%,}]}"
	night "2026-11-15T02:$((minute++)):00Z" >"$WORK/out" 2>&1
	check "round $round is read as changes" test "$(mode)" = "changes|"
	found >changes.json
	night "2026-11-15T02:$((minute++)):00Z" --full >"$WORK/out" 2>&1
	found >full.json
	check "round $round: both ways find the same ($(jq length full.json))" same changes.json full.json
done

# A list that breaks in the middle proves nothing.
before=$(found | sha256sum)
admin faults -X POST -H 'Content-Type: application/json' -d '{"add": ["FetchTenantsBatch:500:count=0"]}' >/dev/null
expect "a list that breaks" 3 night 2026-11-15T03:10:00Z
says "not compared" "not compared"
faults_off
expect "the next night" 1 night 2026-11-15T03:15:00Z
check "the findings are as they were" test "$(found | sha256sum)" = "$before"
finish
