#!/usr/bin/env bash
# The journal is the third side of a comparison: what we made or changed and the BSS does not show yet is neither forgotten
# nor undone, however many nights the export is late.
. "$(dirname "$0")/lib.sh"
start_sandbox
cd "$WORK" || exit 2
export TENANTRY_JOB=$WORK/job.yaml
orders 601 602 603 604 605 606 >orders.csv
write_job 's|^  min_coverage.*|&\n  max_age: 0s\n  stuck_after: 30h|'
drift() { admin drift -X POST -H 'Content-Type: application/json' -d "$1" >/dev/null; }
fault() { admin faults -X POST -H 'Content-Type: application/json' -d "{\"add\": [\"$1\"]}" >/dev/null; }
# found CODE [ACCOUNT]: its findings of the newest run, as SEVERITY STATE
found() { jq -r --arg c "$1" --arg a "${2:-}" '.findings[] | select(.code == $c and ($a == "" or .account_id == $a)) | .severity + " " + .state' "$(last_run)/run.json" | sort | uniq -c | sed 's/^ *//' | paste -sd,; }
of() { jq -r --arg c "$1" --arg a "$2" '.findings[] | select(.code == $c and .account_id == $a) | .'"$3" "$(last_run)/run.json"; }
# compare NAME STATUS DAY [OPTION...]
compare() { expect "$1" "$2" "$TENANTRY" reconcile job.yaml --now "2026-$3T01:30:00Z" "${@:4}"; }
# of the sandbox, by account
tier() { admin state | jq -r --arg a "$1" '.tenants[] | select(.customer_id == $a) | .settings.tier_level_value // .tier' | head -1; }
enabled() { admin state | jq -r --arg a "$1" '.tenants[] | select(.customer_id == $a) | .enabled'; }

# ---- A contract that is gone before the BSS has imported it.
expect "six contracts" 0 "$TENANTRY" run job.yaml --now $NOW
cp "$(last_run)/subscriptions-import.csv" imported.csv
cp "$(last_run)/tenants.csv.zst" before.csv.zst
echo "$ORDER_HEADER" >orders.csv
drift '{"tenant": "601", "delete": true}'
compare "a night later one is deleted" 1 11-21
check "it is missing" test "$(found tenant-missing)" = "1 high open"
check "which of them" test "$(found tenant-missing 601)" = "1 high open"
check "the sentence says what was done and what is left" test "$(of tenant-missing 601 sentence)" = \
	"Reseller 601 Ltd was provisioned on 2026-11-20, but in Acronis there is only one that was deleted on $(date -u +%F), and the BSS's export does not have the contract yet; 250.00 USD a month is ordered without a service."
check "the others wait for their import" test "$(found import-pending)" = "5 info open"
id=$(of tenant-missing 601 id)
compare "the night after that" 1 11-22
check "it is known" test "$(of tenant-missing 601 news)/$(of tenant-missing 601 id)" = "known/$id"
check "what still waits is grave by now" test "$(found import-pending)" = "5 high open"
compare "as of that day" 1 11-23 --as-of 2026-11-21
check "it was missing then too" test "$(found tenant-missing 601)" = "1 high open"
compare "as of the day before" 0 11-23 --as-of 2026-11-20
check "it was not missing then" test "$(found tenant-missing)/$(found import-pending)" = "/6 info open"

# ---- The BSS imports: the same finding goes on with the subscription's words.
cp imported.csv subscriptions.csv
compare "the import" 1 11-24
check "the same finding" test "$(of tenant-missing 601 id)/$(of tenant-missing 601 news)" = "$id/known"
check "nothing waits any more" test "$(found import-pending)" = ""
drift '{"tenant": "601", "restore": true}'
compare "it is restored: all agree" 0 11-26
check "no finding" test "$(jq '.findings | length' "$(last_run)/run.json")" = 0
# Once it was imported, a row that is taken out of the export is no contract that waits for its import.
grep -v ',602,' imported.csv >subscriptions.csv
compare "a row is taken out" 1 11-27
check "what runs is not billed" test "$(found subscription-missing 602)/$(found import-pending)" = "1 high open/"
cp imported.csv subscriptions.csv

# ---- Changes that were carried out and that the export does not show.
sub() { awk -F, -v a="$1" '$3 == a {print $1}' imported.csv; }
change() { echo "ORD-9$1$2,OI-9$1$2,2026-11-27,Submitted,BSS,$2,$1,Reseller $1 Ltd,true,,,$3,1,USD,admin@r$1.example.com,,,,,$1 Main Street,,Boston,,02110,US,,$(sub "$1"),"; }
drift '{"tenant": "605", "tier": 1}'
drift '{"tenant": "606", "enabled": false}'
compare "before them: somebody was at two tenants" 1 11-28 --propose early.yaml
sed -i 's/do: no/do: yes/' early.yaml
check "both are proposed to be put back" test "$(grep -c 'do: yes$' early.yaml)" = 2
{
	echo "$ORDER_HEADER"
	change 602 upgrade "Tier 2"
	change 603 suspend ""
	change 604 cancel ""
	change 605 upgrade "Tier 2"
	change 606 suspend ""
} >orders.csv
sed 's/^steps: .*/steps: [validate, provision, report]/' job.yaml >orders.yaml
expect "a night of changes" 0 "$TENANTRY" run orders.yaml --now 2026-11-29T01:30:00Z
check "five are done" field "$(last_run)/run.json" '[.items[] | select(.state == "done")] | length' 5
cp "$(last_run)/subscriptions-import.csv" changed.csv
echo "$ORDER_HEADER" >orders.csv
state() { echo "$(tier 602) $(enabled 603) $(enabled 604) $(tier 605) $(enabled 606)"; }
left=$(state)
expect "corrections that were approved before the orders" 1 "$TENANTRY" apply job.yaml early.yaml --now 2026-11-29T09:00:00Z
check "none is carried out" test "$(jq -r '[.corrections.fixes[] | .state + " " + .reason] | unique | .[]' "$(last_run)/run.json")" = "skipped order-newer"
check "it says which order stands against it" field "$(last_run)/run.json" '.corrections.fixes[] | select(.change == "set-tier") | .text' \
	"the upgrade order ORD-9605upgrade was carried out on 2026-11-29, and the BSS's export does not show it yet"
check "nothing is undone" test "$(state)" = "$left"
# One of which Acronis has the change, and whose order then failed on its way back to the BSS.
sqlite3 var/test.db "UPDATE items SET state = 'failed', step = 'contract', executed_at = 0 WHERE key = 'main/OI-9602upgrade'"
compare "an order that failed after its change" 0 11-30 --propose fixes.yaml
check "it waits with the others" test "$(found import-pending)/$(grep -c 'change: ' fixes.yaml)" = "5 info open/0"
sqlite3 var/test.db "UPDATE items SET state = 'done', step = 'activate', executed_at = updated_at WHERE key = 'main/OI-9602upgrade'"
for day in 11-30 12-02 12-31; do
	[[ $day = 11-30 ]] && status=0 || status=1
	compare "the old export again on $day" $status $day --propose fixes.yaml
	check "they wait for the import" test "$(found import-pending)" = "5 $([[ $day = 11-30 ]] && echo info || echo high) open"
	check "there is no other finding" test "$(jq '.findings | length' "$(last_run)/run.json")" = 5
	check "no correction is proposed" grep -q '^fixes: \[\]' fixes.yaml
done
said="$(of import-pending 602 expected) $(of import-pending 602 bss) $(of import-pending 604 expected) $(of import-pending 604 bss)"
# Older than max_age it is not compared at all, and proposes nothing.
sed 's/max_age: 0s/max_age: 36h/' job.yaml >strict.yaml
touch -d 2026-12-01T00:00:00Z subscriptions.csv
rm fixes.yaml
expect "an export older than max_age" 3 "$TENANTRY" reconcile strict.yaml --now 2026-12-31T02:30:00Z --propose fixes.yaml
check "it proposes nothing" test ! -e fixes.yaml
check "what waits said both sides" test "$said" = "Tier 2 Tier 1 cancelled active"
compare "as of the first of them" 0 12-31 --as-of 2026-11-30
check "they waited then" test "$(found import-pending)" = "5 info open"
check "nothing is undone" test "$(state)" = "$left"

# Undone by somebody in Acronis, the change is missed; what it was made of in the BSS's eyes is not asked for.
drift '{"tenant": "602", "tier": 0}'
drift '{"tenant": "603", "enabled": true}'
compare "undone in Acronis" 1 12-31 --propose fixes.yaml
check "the upgrade is missed" test "$(found tier-mismatch 602)/$(of tier-mismatch 602 expected)" = "1 high open/Tier 2 (value 1)"
check "the suspension is missed" test "$(found suspended-but-enabled 603)" = "1 high open"
check "the tier of the old row is not proposed" bash -c '! grep -q "to: \"Tier 1\"" fixes.yaml'
drift '{"tenant": "602", "tier": 1}'
drift '{"tenant": "603", "enabled": false}'
# The BSS imports them.
cut -d, -f1-17 changed.csv >subscriptions.csv
tail -n +2 imported.csv | grep ',601,' >>subscriptions.csv
compare "the import of the changes" 0 12-31
check "all agree, but for the one that is cancelled and still there" test "$(jq -r '.findings[] | .code' "$(last_run)/run.json")" = cancelled-but-present

# ---- A list that lacks what we made proves nothing.
stop_sandbox
start_sandbox
sed 's|var/test.db|var/other.db|; s|output: var/runs|output: var/others|; s|subscriptions.csv|nobody.csv|; s|^  max_age.*|&\n  max_shrink: 50%|' job.yaml >other.yaml
echo "$SUBSCRIPTION_HEADER" >nobody.csv
other() { find var/others -mindepth 1 -maxdepth 1 -type d -printf '%T@ %p\n' | sort -n | tail -1 | cut -d' ' -f2-; }
expect "nobody knows of any tenant: an empty list is what it is" 0 "$TENANTRY" run other.yaml --now $NOW
says "and it says so" "all good"
orders 611 612 613 >orders.csv
fault "FetchTenantsBatch:list-stale:count=0:behind=1000"
expect "the list lags behind what was made" 3 "$TENANTRY" run other.yaml --full --now 2026-11-21T01:30:00Z
says "it is not called a match" "not compared"
check "the orders are done all the same" field "$(other)/run.json" '[.items[] | select(.state == "done")] | length' 3
faults_off
expect "when it has them" 0 "$TENANTRY" reconcile other.yaml --now 2026-11-21T03:30:00Z
check "they wait for their import" field "$(other)/run.json" '[.findings[] | select(.code == "import-pending")] | length' 3

# A file of tenants cannot be asked for one that it lacks: that one is not called missing.
zstd -dqc "$(other)/tenants.csv.zst" | grep -v ',611,' >tenants.csv
expect "a file that lacks one" 3 "$TENANTRY" reconcile other.yaml --now 2026-11-21T04:30:00Z --tenants tenants.csv
says "it says how many it lacks" "lacks 1 that we made"
check "it names it" field "$(other)/run.json" '[.findings[] | select(.code == "not-compared") | .account_id] | join(" ")' 611
check "nothing is resolved on its word" field "$(other)/run.json" '.reconcile.resolved // 0' 0
finish
