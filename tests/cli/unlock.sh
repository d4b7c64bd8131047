#!/usr/bin/env bash
# A lock whose owner is gone: proved on this machine by the lock file that nobody holds, on another by its last sign of life.
. "$(dirname "$0")/lib.sh"
start_sandbox
cd "$WORK" || exit 2
fault() { admin faults -X POST -H 'Content-Type: application/json' -d "{\"add\": [\"$1\"]}" >/dev/null; }
# another_host: makes the dead run's lock one of another machine, as if its disk had been moved here
another_host() { sqlite3 var/test.db "UPDATE locks SET host = 'elsewhere', boot_id = '00000000-0000-0000-0000-000000000000'"; }
in_an_hour() { date -u -d '+1 hour' +%Y-%m-%dT%H:%M:%SZ; }

orders 601 >orders.csv
write_job
expect "no ledger yet" 0 "$TENANTRY" unlock job.yaml
says "nothing is locked" "is not locked"
check "no ledger was made" test ! -e var/test.db

fault "CreateUser:slow:for=30s"
"$TENANTRY" run job.yaml >/dev/null 2>&1 &
RUN_PID=$!
PIDS+=("$RUN_PID")
for ((i = 0; i < 500; i++)); do
	[[ $(made CreateUser) -gt 0 ]] && break
	read -rt 0.02 <> <(:) || true
done
expect "a live owner on this machine" 4 "$TENANTRY" unlock job.yaml --stale-after 1ms
says "it says which process" "process $RUN_PID"
expect "a second run" 4 "$TENANTRY" run job.yaml
kill -KILL "$RUN_PID"
wait "$RUN_PID" 2>/dev/null
faults_off
# The file is free: the run is dead, however fresh its heartbeat. A machine with another name and the same boot id is a container.
sqlite3 var/test.db "UPDATE locks SET host = 'a-container', pid = 1"
cp var/test.db kept.db
expect "a fresh heartbeat, and nobody holds the file" 0 "$TENANTRY" unlock job.yaml --json
check "it says whose it was" field "$WORK/out" .host a-container
cp kept.db var/test.db
another_host
expect "an owner elsewhere that may be alive" 4 "$TENANTRY" unlock job.yaml
says "it says how old its heartbeat must be" "must be 900 s old"
expect "the next run does not dare either" 4 "$TENANTRY" run job.yaml
says "it says what to do" "tenantry unlock"
expect "a fresh one is never dead, whatever is said" 4 "$TENANTRY" unlock job.yaml --stale-after 1ms
says "it says so" "must be 60 s old"
expect "one that is silent long enough" 0 "$TENANTRY" unlock job.yaml --now "$(in_an_hour)" --json
check "it says whose it was" field "$WORK/out" .host elsewhere
expect "once more" 0 "$TENANTRY" unlock job.yaml --json
check "there was nothing to unlock" field "$WORK/out" .unlocked false
expect "a duration without a unit" 2 "$TENANTRY" unlock job.yaml --stale-after 5
expect "the next run goes on" 0 "$TENANTRY" run job.yaml --quiet
check "one tenant" test "$(made CreateTenant 201)" = 1
check "one mail" test "$(admin mails | jq '.mails | length')" = 1
finish
