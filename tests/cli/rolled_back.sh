#!/usr/bin/env bash
# A ledger that was put back to an earlier moment: a snapshot of its volume in the middle of a run knows the run, and not all that it
# did. The run's folder has noted each activation mail before it was asked for, so none goes out twice. A folder that is lost while
# the ledger is kept is told, and the next night goes on.
. "$(dirname "$0")/lib.sh"
start_sandbox --latency 15ms
cd "$WORK" || exit 2
mails() { admin mails | jq '.mails | length'; }
most_mails() { admin 'state?stable=1' | jq '[.tenants[].users[]?.mails] | max'; }
begin() {
	"$TENANTRY" run job.yaml --now "$1" >"$WORK/owner.out" 2>&1 </dev/null &
	OWNER=$!
	PIDS+=("$OWNER")
}
put_back() {
	rm -f var/test.db-wal var/test.db-shm
	cp "$1" var/test.db
}

orders 801 802 803 804 805 806 >orders.csv
write_job 's/^  rate: 0/  rate: 0\n  connections: 1/'
begin $NOW
check "the first mail is out" until_made SendActivationEmail 1
kill -STOP "$OWNER"
check "a snapshot of the ledger" sqlite3 var/test.db '.timeout 5000' '.backup snapshot.db'
kill -CONT "$OWNER"
check "three mails are out" until_made SendActivationEmail 3
kill -KILL "$OWNER"
wait "$OWNER" 2>/dev/null
noted=$(wc -l <"$(last_run)/activation-mails")
check "each was noted in the run's folder before it was asked for ($noted)" test "$noted" -ge "$(mails)"
check "by its order" grep -q ' main/OI-80[1-6]$' "$(last_run)/activation-mails"
check "for its user alone" test "$(stat -c %a "$(last_run)/activation-mails")" = 600
before=$(changes) sent=$(mails)

put_back snapshot.db
expect "the next run: the ledger was put back" 3 "$TENANTRY" run job.yaml --now 2026-11-20T02:30:00Z
says "it says to what" "put back to the middle of run $(basename "$(last_run)")"
says "it says which mails" "main/OI-80"
says "it says what to do" "tenantry rebuild job.yaml"
expect "check" 3 "$TENANTRY" check job.yaml --now 2026-11-20T02:30:00Z
says "it says so too" "put back to the middle of run"
expect "retry" 3 "$TENANTRY" retry last --job job.yaml --now 2026-11-20T02:30:00Z
expect "decide" 3 "$TENANTRY" decide OI-801 --skip --reason "no need" --job job.yaml
expect "a dry run" 3 "$TENANTRY" run job.yaml --dry-run --now 2026-11-20T02:30:00Z
check "nothing was changed" test "$(changes)" -le $((before + 1)) # the token of check
check "no second mail" test "$(mails)" = "$sent"

# What a person can do about it: rebuild; the mails in doubt are theirs to decide, and everything else goes on.
expect "rebuild" 1 "$TENANTRY" rebuild job.yaml --now 2026-11-20T02:30:00Z
expect "the next run goes on" 1 "$TENANTRY" run job.yaml --now 2026-11-20T03:30:00Z
check "nobody has two mails" test "$(most_mails)" = 1
for n in 801 802 803 804; do "$TENANTRY" decide OI-$n --skip --reason "it has its mail" --job job.yaml >/dev/null 2>&1; done
expect "and to its end" 0 "$TENANTRY" run job.yaml --now 2026-11-20T04:30:00Z
check "nobody has two mails still" test "$(most_mails)" = 1
check "one tenant an order" test "$(made CreateTenant 201)" = 6
expect "a rebuilt ledger is not behind" 0 "$TENANTRY" check job.yaml --now 2026-11-20T05:30:00Z

# ---- Between runs: the ledger of the day before knows nothing of the newest run at all.
sqlite3 var/test.db '.backup yesterday.db'
orders 809 >orders.csv
expect "a night" 0 "$TENANTRY" run job.yaml --now 2026-11-20T06:30:00Z
cp var/test.db today.db
put_back yesterday.db
expect "the ledger of the day before" 3 "$TENANTRY" run job.yaml --now 2026-11-20T07:30:00Z
says "it says which run it does not know" "does not know run $(basename "$(last_run)")"
put_back today.db
expect "its newest copy" 0 "$TENANTRY" run job.yaml --now 2026-11-20T07:30:00Z

# ---- The run folders are lost, the ledger is not: no reason to stop, but a person is told once.
mv var/runs lost-runs
orders 810 >orders.csv
expect "without the run folders" 0 "$TENANTRY" run job.yaml --now 2026-11-20T08:30:00Z
says "it says so" "the newest before this one, is gone"
check "in run.json too" field "$(last_run)/run.json" '[.warnings[]? | select(.about == "run-folder-gone")] | length' 1
expect "the night after" 0 "$TENANTRY" run job.yaml --now 2026-11-20T09:30:00Z
check "is not told again" field "$(last_run)/run.json" '[.warnings[]? | select(.about == "run-folder-gone")] | length' 0
check "nobody has two mails at all" test "$(most_mails)" = 1

# ---- Wherever the snapshot was taken and wherever the run died: the next night goes on, or refuses until rebuild; and nothing is
# made or sent twice. Each pair: what had been asked for at the snapshot, and at the death.
mv lost-runs/* var/runs/
round=1 total=8 refused=0
for pair in CreateTenant:CreateUser CreateTenant:SendActivationEmail CreateUser:SendActivationEmail; do
	((round++, total += 3))
	orders "8${round}1" "8${round}2" "8${round}3" >orders.csv
	first=$(made "${pair%:*}") second=$(made "${pair#*:}")
	begin "2026-11-20T1$round:00:00Z"
	until_made "${pair%:*}" $((first + 1))
	kill -STOP "$OWNER"
	rm -f snapshot.db
	sqlite3 var/test.db '.timeout 5000' '.backup snapshot.db'
	kill -CONT "$OWNER"
	until_made "${pair#*:}" $((second + 2))
	kill -KILL "$OWNER"
	wait "$OWNER" 2>/dev/null
	put_back snapshot.db
	"$TENANTRY" run job.yaml --now "2026-11-20T1$round:10:00Z" >out 2>err </dev/null
	STATUS=$?
	if ((STATUS == 3)); then
		((refused++))
		says "$pair: refused for its mails" "put back to the middle of run"
		"$TENANTRY" rebuild job.yaml --now "2026-11-20T1$round:10:30Z" >out 2>err
		"$TENANTRY" run job.yaml --now "2026-11-20T1$round:20:00Z" >out 2>err
	fi
	for n in 1 2 3; do "$TENANTRY" decide "OI-8$round$n" --skip --reason "it has its mail" --job job.yaml >out 2>err; done
	# What was done by the run that died is in no record but the ledger, so after a rebuild a person is asked about it.
	"$TENANTRY" run job.yaml --now "2026-11-20T1$round:30:00Z" >out 2>err
	check "$pair: the end of it" test $? -le 1
	check "$pair: one tenant and one user an order, nobody has two mails" test \
		"$(admin 'state?stable=1' | jq -c '[.tenants[] | select(.customer_id != null)] | [length, ([.[].users[]] | length), ([.[].users[].mails] | max)]')" = "[$total,$total,1]"
done
check "where mails were forgotten it refused ($refused of 3)" test "$refused" -ge 1
finish
