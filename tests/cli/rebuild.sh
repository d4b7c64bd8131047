#!/usr/bin/env bash
# A lost ledger: nothing is done until it is rebuilt, and afterwards nothing is made twice and no mail sent twice.
. "$(dirname "$0")/lib.sh"
start_sandbox
cd "$WORK" || exit 2
fault() { admin faults -X POST -H 'Content-Type: application/json' -d "{\"add\": [\"$1\"]}" >/dev/null; }
state() { "$TENANTRY" show "$1" --job job.yaml --json | jq -r '.orders[0] | .state + " " + (.reason // "")'; }
mails() { admin mails | jq --arg login "$1" '[.mails[] | select(.login == $login)] | length'; }
lose_ledger() { rm -f var/test.db var/test.db-wal var/test.db-shm; }
# items: what the ledger says of each item, for comparing
items() { for n; do "$TENANTRY" show "OI-$n" --job job.yaml --json | jq -c '.orders[0] | [.item, .state, .reason, .tenant, .user, .tier, .subscription]'; done; }

orders $(seq 701 706) >orders.csv
write_job 's/, reconcile//'
# A night with everything: done, failed, mail in doubt.
fault "UpdateTenantPricingSettings:500:count=0:nth=6"
fault "SendActivationEmail:lost-after:nth=2"
expect "a night" 1 "$TENANTRY" run job.yaml --now $NOW
faults_off
expect "rebuild of a ledger that is fine" 2 "$TENANTRY" rebuild job.yaml --now $NOW
says "it says that it is fine" "nothing to rebuild"
items $(seq 701 706) >before
"$TENANTRY" runs --job job.yaml --json | jq -c '[.[] | [.run, .command, .started_at, .ended_at, .exit_status, .changes]]' >runs.before
check "one failed" test "$(grep -c '"failed"' before)" = 1
check "one is parked" test "$(grep -c '"mail-in-doubt"' before)" = 1

lose_ledger
expect "a run without its ledger" 3 "$TENANTRY" run job.yaml --now $NOW
says "it names the way out" "tenantry rebuild job.yaml"
expect "a decision without the ledger" 3 "$TENANTRY" decide OI-701 --skip --reason x --job job.yaml --now $NOW
check "nothing was made of it" test ! -e var/test.db
expect "a dry run" 1 "$TENANTRY" rebuild job.yaml --now $NOW --dry-run
check "a dry run makes nothing" test ! -e var/test.db
TENANTRY_ACRONIS_URL=http://127.0.0.1:1 expect "without Acronis" 3 "$TENANTRY" rebuild job.yaml --now $NOW
check "nothing half-made" test -z "$(find var -name 'test.db*' ! -name '*.lock')"
expect "rebuild" 1 "$TENANTRY" rebuild job.yaml --now $NOW --json
check "it counts what it found" field "$WORK/out" '"\(.runs) \(.tenants) \(.orders.done) \(.orders.failed) \(.orders.parked)"' "1 6 4 1 1"
items $(seq 701 706) >after
check "what was done and parked stands as before" test "$(grep -v failed before)" = "$(grep -v failed after)"
"$TENANTRY" runs --job job.yaml --json | jq -c '[.[] | [.run, .command, .started_at, .ended_at, .exit_status, .changes]]' >runs.after
check "the history is back" cmp runs.before runs.after
expect "a report of the old run" 0 "$TENANTRY" report last --job job.yaml --json
expect "rebuild once more" 2 "$TENANTRY" rebuild job.yaml --now $NOW
check "rebuilding changed nothing in Acronis" test "$(admin requests | jq '.operations.CreateTenant')" = 6
expect "retry of the old run, while another order waits" 1 "$TENANTRY" retry last --job job.yaml --now $NOW
parked=$(jq -r 'select(.[1] == "parked") | .[0]' after)
expect "its mail is decided" 0 "$TENANTRY" decide "$parked" --resend-mail --job job.yaml --now $NOW
expect "the next night" 0 "$TENANTRY" run job.yaml --now $NOW
check "six tenants, none twice" test "$(made CreateTenant 201)" = 6
check "six users, none twice" test "$(made CreateUser 200)" = 6
check "one more mail, as decided" test "$(admin mails | jq '.mails | length')" = 7
for n in $(seq 701 706); do check "OI-$n is done" test "$(state OI-$n)" = "done "; done

# Killed in the middle, and then the ledger is lost as well.
orders $(seq 701 712) >orders.csv
fault "SendActivationEmail:slow:for=30s:nth=3:count=0"
"$TENANTRY" run job.yaml --now $NOW >/dev/null 2>&1 &
RUN_PID=$!
PIDS+=("$RUN_PID")
for ((i = 0; i < 500; i++)); do
	[[ $(admin mails | jq '.mails | length') -ge 13 ]] && break
	read -rt 0.02 <> <(:) || true
done
kill -KILL "$RUN_PID"
wait "$RUN_PID" 2>/dev/null
faults_off
lose_ledger
expect "a run after that" 3 "$TENANTRY" run job.yaml --now $NOW
expect "rebuild after that" 1 "$TENANTRY" rebuild job.yaml --now $NOW
says "it says how to decide" "tenantry decide"
doubts=$("$TENANTRY" show parked --job job.yaml --json | jq '.orders | length')
check "mails are in doubt" test "$doubts" -ge 1
expect "the night goes on, and says what waits" 1 "$TENANTRY" run job.yaml --now $NOW
check "no mail without a decision" test "$(admin mails | jq '.mails | length')" = 13
for order in $("$TENANTRY" show parked --job job.yaml --json | jq -r '.orders[].item'); do
	"$TENANTRY" decide "$order" --skip --reason "asked the reseller" --job job.yaml --now $NOW --quiet
done
expect "and comes to its end" 0 "$TENANTRY" run job.yaml --now $NOW
for n in $(seq 701 712); do check "OI-$n is done" test "$(state OI-$n)" = "done "; done
check "twelve tenants, none twice" test "$(made CreateTenant 201)" = 12
check "twelve users, none twice" test "$(made CreateUser 200)" = 12
for n in $(seq 707 712); do check "one mail to $n" test "$(mails admin@r$n.example.com)" = 1; done

# Put back from a backup: as if the newest run had not been.
cp var/test.db backup.db
orders $(seq 701 714) >orders.csv
expect "a night after the backup" 0 "$TENANTRY" run job.yaml --now $NOW
lose_ledger
cp backup.db var/test.db
expect "a run with the older ledger" 3 "$TENANTRY" run job.yaml --now $NOW
says "it says which run is not known" "$(basename "$(last_run)")"
expect "a retry with the older ledger" 3 "$TENANTRY" retry last --include-parked --order OI-701 --job job.yaml --now $NOW
(umask 077 && echo "what a killed rebuild left" >var/test.db.rebuild)
expect "rebuild of the older one" 0 "$TENANTRY" rebuild job.yaml --now $NOW --quiet
silent "all is well, and quiet"
check "the older one is kept" test -n "$(find var -name 'test.db.before-*')"
no_leftovers "no temporary file stays" "$WORK/var"
check "no unfinished ledger stays" test -z "$(find var -name '*.rebuild*')"
expect "nothing to do" 0 "$TENANTRY" run job.yaml --now $NOW
check "fourteen tenants, none twice" test "$(made CreateTenant 201)" = 14
check "no mail more" test "$(admin mails | jq '.mails | length')" = 15

# The run folders are gone too: our tags, and what the BSS bills, are all there is.
sed -n '1p;/,Active,/p' <(cat var/runs/*/subscriptions-import.csv) | awk '!seen[$0]++' | grep -v 'OI-71[34]' >subscriptions.csv
lose_ledger
rm -rf var/runs
admin drift -X POST -H 'Content-Type: application/json' -d '{"user": "admin@r713.example.com", "activated": true}' >/dev/null
expect "rebuild from tags alone" 1 "$TENANTRY" rebuild job.yaml --now $NOW
check "what is billed is done" test "$(state OI-701)" = "done "
check "who is active goes on" test "$(state OI-713)" = "failed in-doubt"
check "whose mail nobody knows of is parked" test "$(state OI-714)" = "parked mail-in-doubt"
expect "the night after: one waits still" 1 "$TENANTRY" run job.yaml --now $NOW
check "713 is done without another mail" test "$(state OI-713) $(mails admin@r713.example.com)" = "done  1"
check "714 waits" test "$(state OI-714)" = "parked mail-in-doubt"
check "fourteen tenants still" test "$(made CreateTenant 201)" = 14
# A tag is that of the order that made the tenant: another action under its id is another order.
{ echo "$ORDER_HEADER" && order 701 | sed 's/^ORD-701/ORD-790/; s/,new,/,cancel,/' && order 702 | sed 's/CCSP-T1,Tier 1/CCSP-T2,Tier 2/' && order 713; } >orders.csv
expect "ids of tags, used again" 1 "$TENANTRY" validate job.yaml --now $NOW
check "a cancellation is not taken for what is done" field "$(last_run)/run.json" '.intake.rejected_by_rule["order-key-reused"]' 1
check "and a tier that the tenant has not is told" field "$(last_run)/run.json" '.intake | "\(.ignored_by_reason["already-done"]) \(.changed_after_done[].item)"' "2 OI-702"
finish
