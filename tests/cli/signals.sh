#!/usr/bin/env bash
# Runs that are stopped in the middle: by SIGTERM, SIGINT, a second signal, SIGKILL, a deadline, in a pause that Acronis asked for; and
# what the next run makes of it. Nothing here waits for a time of its own: it waits for what the sandbox was asked.
. "$(dirname "$0")/lib.sh"
cd "$WORK" || exit 2
fault() { admin faults -X POST -H 'Content-Type: application/json' -d "{\"add\": [\"$1\"]}" >/dev/null; }
# until CONDITION...: true, or 20 s
until_true() {
	local n
	for ((n = 0; n < 1000; n++)); do
		"$@" && return 0
		read -rt 0.02 <> <(:) || true
	done
	return 1
}
at_least() { (($(made "$1" "${3:-}") >= $2)); }
# begin [PREFIX...]: a run in the background, RUN_PID
begin() {
	"$@" "$TENANTRY" run job.yaml >"$WORK/out" 2>"$WORK/err" </dev/null &
	RUN_PID=$!
	PIDS+=("$RUN_PID")
}
ended() {
	wait "$RUN_PID" 2>/dev/null
	STATUS=$?
}
# fresh N...: a new world of these orders, ledger and Acronis empty
fresh() {
	[[ -z ${SANDBOX_PID:-} ]] || stop_sandbox
	rm -rf var requests.ndjson
	start_sandbox --latency 40ms
	orders "$@" >orders.csv
	write_job 's/^contract:/provision: {batch_size: 3}\ncontract:/' 's/^  rate: 0/  rate: 0\n  connections: 3/'
}
# all_once N: of this world's N orders each has one tenant and one mail, and no line for the BSS is missing or twice
all_once() {
	check "$1 tenants, one each" test "$(made CreateTenant 201)" = "$1"
	check "$1 mails, one each" test "$(made SendActivationEmail 204)" = "$1"
	check "each order is done in the files for the BSS, once" test "$(cat var/runs/*/orders-executed.csv | grep -c ',done$')" = "$1"
	check "each subscription is active in them, once" test "$(cat var/runs/*/subscriptions-import.csv | grep -c ',Active,')" = "$1"
}

fresh $(seq 601 609)
begin
check "a run makes its first tenant" until_true at_least CreateTenant 1 201
kill -TERM "$RUN_PID"
ended
check "SIGTERM: exit status 143" test "$STATUS" = 143
stopped=$(last_run)
says "the last line says so" "interrupted, the state is saved"
check "run.json agrees" field "$stopped/run.json" .exit_status 143
check "not all was done" test "$(jq .provision.done "$stopped/run.json")" -lt 9
check "its counts close" counts_close "$stopped/run.json"
check "it wrote its audit" jq -e '.event == "run-end" and .ended and .exit_status == 143' <(tail -1 "$stopped/audit.ndjson")
check "nothing is in doubt: what was in flight was awaited" jq -e '.counts.in_doubt == 0' <(tail -1 "$stopped/audit.ndjson")
expect "the next run goes on" 0 "$TENANTRY" run job.yaml
all_once 9
expect "all audits fit" 0 "$TENANTRY" verify all --job job.yaml

fresh $(seq 611 616)
begin env --default-signal=INT
check "a run begins" until_true at_least CreateTenant 1 201
kill -INT "$RUN_PID"
ended
check "SIGINT: exit status 130" test "$STATUS" = 130
expect "the next run goes on" 0 "$TENANTRY" run job.yaml
all_once 6

fresh $(seq 621 626)
fault "UpdateTenantPricingSettings:slow:for=20s"
begin
hit() { test "$(admin faults | jq '[.faults[].hits] | add // 0')" -ge 1; }
check "a run has a call that does not come back" until_true hit
# Signals that come together may arrive as one: again and again until it is gone.
gone() { ! kill -TERM "$RUN_PID" 2>/dev/null; }
check "it goes at once" until_true gone
ended
check "a second signal ends it at once: 143" test "$STATUS" = 143
check "without an audit" test ! -e "$(last_run)/audit.ndjson"
killed=$(basename "$(last_run)")
faults_off
expect "the next run goes on" 0 "$TENANTRY" run job.yaml
all_once 6
check "and closes the audit" jq -e '.ended == false and .exit_status == 137 and .closed_by' <(tail -1 "var/runs/$killed/audit.ndjson")

fresh $(seq 631 639)
begin
check "a run is in the middle" until_true at_least SendActivationEmail 2 204
kill -KILL "$RUN_PID"
ended
check "SIGKILL" test "$STATUS" = 137
killed=$(basename "$(last_run)")
check "it left no audit" test ! -e "var/runs/$killed/audit.ndjson"
run "$TENANTRY" verify "$killed" --job job.yaml
check "verify says that it did not end" test "$STATUS" = 1
says "and who will close it" "the next run of the job closes it"
run "$TENANTRY" run job.yaml
check "the next run goes on" test "$STATUS" -le 1
says "it says that it closes the other" "run $killed did not end"
next=$(basename "$(last_run)")
check "the closing line says so" jq -e --arg by "$next" '.ended == false and .exit_status == 137 and .closed_by == $by' <(tail -1 "var/runs/$killed/audit.ndjson")
check "the chain goes from it to the next" test "$(head -1 "var/runs/$next/audit.ndjson" | jq -r .prev)" = "$(tail -1 "var/runs/$killed/audit.ndjson" | tr -d '\n' | sha256sum | cut -d' ' -f1)"
check "what it had in doubt is settled in the next audit, but for mails" jq -se --arg run "$killed" --slurpfile next "var/runs/$next/audit.ndjson" \
	'[.[] | select(.outcome == "in-doubt" and .call != "SendActivationEmail") | .id] - [$next[] | select(.of_run == $run and .outcome == "settled") | .id] == []' \
	"var/runs/$killed/audit.ndjson"
expect "both audits fit" 0 "$TENANTRY" verify all --job job.yaml
check "runs shows how it ended" test "$("$TENANTRY" runs --job job.yaml --json | jq -r --arg run "$killed" '.[] | select(.run == $run) | "\(.exit_status) \(.result)"')" = "137 did not end"
check "9 tenants, one each" test "$(made CreateTenant 201)" = 9
check "at most 9 mails" test "$(made SendActivationEmail 204)" -le 9

# A pause that Acronis asked for, and the process that was told of it is killed.
fresh $(seq 641 643)
fault "CreateTenant:429:retry-after=2:count=1"
begin
check "Acronis asks for a pause" until_true at_least CreateTenant 1 429
asked=$(jq -rs '[.[] | select(.status == 429)] | last | .time' requests.ndjson) 
until_true test -n "$(sqlite3 var/test.db 'SELECT until_at FROM pause' 2>/dev/null)"
kill -KILL "$RUN_PID"
ended
seen=$(jq -s 'map(.seq) | max' requests.ndjson)
expect "the next run" 0 "$TENANTRY" run job.yaml
says "it says that it waits" "Acronis asked for a pause"
check "its first request came after the pause" jq -se --arg asked "$asked" --argjson seen "$seen" \
	'def ms: (.[0:19] + "Z" | fromdate) * 1000 + (.[20:23] | tonumber); ([.[] | select(.seq > $seen)][0].time | ms) - ($asked | ms) >= 1950' requests.ndjson
all_once 3

# A signal ends a pause.
fresh $(seq 651 653)
fault "CreateTenant:429:retry-after=300:count=1"
begin
check "Acronis asks for a long pause" until_true at_least CreateTenant 1 429
until_true test -n "$(sqlite3 var/test.db 'SELECT until_at FROM pause' 2>/dev/null)"
kill -TERM "$RUN_PID"
ended
check "SIGTERM in a pause: 143" test "$STATUS" = 143
begin
until_true grep -q "asked for a pause" err
kill -TERM "$RUN_PID"
ended
check "SIGTERM in the pause that is kept: 143" test "$STATUS" = 143
sqlite3 var/test.db 'DELETE FROM pause'
expect "later" 0 "$TENANTRY" run job.yaml
all_once 3

# A deadline begins no further batch, and says what was left.
fresh $(seq 661 669)
sed -i '/^output:/adeadline: 300ms' job.yaml
expect "a deadline" 3 "$TENANTRY" run job.yaml
says "it says why" "deadline"
check "not that Acronis is in trouble" field "$(last_run)/run.json" .error.code deadline
left=$(jq .provision.not_started "$(last_run)/run.json")
check "something was left" test "$left" -gt 0
says "and how much" "not started $left"
sed -i '/^deadline:/d' job.yaml
expect "without it all is done" 0 "$TENANTRY" run job.yaml
all_once 9

# An action that takes too long ends between two calls, and goes on in the next run.
fresh 671
sed -i 's/provision: {batch_size: 3}/provision: {batch_size: 3, action_timeout: 200ms}/' job.yaml
expect "an action that takes too long" 1 "$TENANTRY" run job.yaml
check "it says so" field "$(last_run)/run.json" '.items[0].reason' took-too-long
sed -i 's/, action_timeout: 200ms//' job.yaml
expect "it goes on" 0 "$TENANTRY" run job.yaml
all_once 1
finish
