#!/usr/bin/env bash
# Two runs at once. On one ledger one wins, whatever the jobs are called, and the other says whose turn it is (exit 4) or finds
# nothing left to do. Two ledgers know nothing of each other: there Acronis itself is the only thing they share, so one tenant and one
# user each is what the tags, names and logins there can promise, and a mail that the other may have sent is left to a person.
. "$(dirname "$0")/lib.sh"
start_sandbox --latency 10ms
cd "$WORK" || exit 2

# In the cloud now: tenants, users and mails of the accounts, and whether anybody has two mails
cloud() { admin 'state?stable=1' | jq -c '[.tenants[] | select(.customer_id != null)] | [length, ([.[].users[]] | length), ([.[].users[].mails] | add // 0), ([.[].users[].mails] | max // 0)]'; }
in_cloud() { check "$1" test "$(cloud)" = "$2"; }
# both JOB JOB: two runs started together; their statuses, sorted
both() {
	local a b
	"$TENANTRY" run "$1" --now 2026-11-20T10:30:00Z >"$WORK/a.out" 2>&1 &
	a=$!
	"$TENANTRY" run "$2" --now 2026-11-20T10:30:00Z >"$WORK/b.out" 2>&1 &
	b=$!
	wait "$a"
	a=$?
	wait "$b"
	b=$?
	if ((a < b)); then BOTH="$a $b"; else BOTH="$b $a"; fi
}

# ---- One ledger. The owner is stopped in the middle: it shows no sign of life, and is alive.
orders 701 702 703 >orders.csv
write_job
sed 's/name: test/name: other/; s,var/runs,var/other-runs,' job.yaml >other.yaml
"$TENANTRY" run job.yaml --now $NOW >"$WORK/owner.out" 2>&1 &
OWNER=$!
PIDS+=("$OWNER")
check "the owner has begun" until_made CreateTenant 1
kill -STOP "$OWNER"
expect "the same job again, hours later" 4 "$TENANTRY" run job.yaml --now 2026-11-20T05:30:00Z
says "it names the run" "locked by run $(basename "$(last_run)")"
says "it names host and process" "on host $(uname -n), process $OWNER"
says "it says how long nothing was heard" "last sign of life 14"
expect "another job on that ledger" 4 "$TENANTRY" run other.yaml --now $NOW
says "it names the job that holds it" 'job "test" is locked by run'
expect "a retry of it" 4 "$TENANTRY" retry last --job job.yaml --now $NOW
expect "unlock finds it alive" 4 "$TENANTRY" unlock job.yaml --stale-after 1ms --now 2026-11-20T05:30:00Z
expect "reading is free" 0 "$TENANTRY" runs --job job.yaml
expect "a plan is free" 0 "$TENANTRY" plan job.yaml --now $NOW
kill -CONT "$OWNER"
wait "$OWNER"
check "the owner goes on to its end" test $? = 0
in_cloud "one of everything" '[3,3,3,1]'
expect "the other job finds nothing to do" 0 "$TENANTRY" run other.yaml --now 2026-11-20T06:30:00Z
says "it says so" "every accepted order is done already"
expect "verify" 0 "$TENANTRY" verify all --job job.yaml

# ---- An owner that is gone: its lock is taken over, its work gone on with.
orders 711 712 >orders.csv
"$TENANTRY" run job.yaml --now $NOW >/dev/null 2>&1 &
OWNER=$!
PIDS+=("$OWNER")
check "the owner has begun again" until_made CreateTenant 4
kill -KILL "$OWNER"
wait "$OWNER" 2>/dev/null
expect "another job over the same orders" 0 "$TENANTRY" run other.yaml --now 2026-11-20T07:30:00Z
expect "then the first one" 0 "$TENANTRY" run job.yaml --now 2026-11-20T08:30:00Z
says "it takes the lock over" "is taken over from run"
in_cloud "still one of everything" '[5,5,5,1]'
expect "verify all of it" 0 "$TENANTRY" verify all --job job.yaml

# ---- Really together, again and again.
statuses="" total=5
for round in 1 2 3 4 5 6; do
	orders "7${round}1" "7${round}2" | sed "s/ORD-/ORD-$round-/" >orders.csv
	((total += round > 1 ? 2 : 0))
	other=job.yaml
	((round % 2)) && other=other.yaml
	both job.yaml "$other"
	[[ $BOTH == "0 0" || $BOTH == "0 4" ]] || { not_ok "round $round" "exit $BOTH" "$(cat a.out b.out)"; }
	statuses+="$BOTH, "
done
ok "six times two runs together: exit ${statuses%, }"
in_cloud "one of everything after them" "[$total,$total,$total,1]"
expect "verify after them" 0 "$TENANTRY" verify all --job job.yaml

# ---- Two ledgers with the same bss.name. One after the other: what the first made carries the tag, so it is found, not made again;
# that its mail went out is known to the other ledger alone.
sed 's,var/test.db,var/second.db,; s,var/runs,var/second-runs,' job.yaml >second.yaml
before=$(changes)
expect "a second ledger over orders that are done" 1 "$TENANTRY" run second.yaml --now 2026-11-20T10:30:00Z
check "it changed nothing" test "$(($(changes) - before))" = 1 # its token
in_cloud "nothing was made again" "[$total,$total,$total,1]"
check "what it cannot know is for a person" field "$(find var/second-runs -name run.json)" '[.items[] | .reason] | unique | join(" ")' mail-in-doubt

# Together: who is refused a create believes what it finds only as far as the tag goes.
for round in 1 2 3 4 5 6; do
	orders "8${round}1" "8${round}2" "8${round}3" >orders.csv
	both job.yaml second.yaml
	((total += 3))
	[[ $BOTH == "0 1" || $BOTH == "1 1" || $BOTH == "0 0" ]] || not_ok "two ledgers, round $round" "exit $BOTH" "$(cat a.out b.out)"
done
check "two ledgers together: one tenant, one user each, no second mail ($(cloud))" test "$(cloud | jq -c '[.[0], .[1], .[3]]')" = "[$total,$total,1]"
finish
