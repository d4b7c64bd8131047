#!/usr/bin/env bash
# Who holds the night holds it, from wherever it is looked at: a run in another PID namespace (a container, a pod, PrivatePIDs) is
# alive while it holds the lock file and dead when it does not; a run whose lock was taken all the same stops before its next
# call and says what it did.
. "$(dirname "$0")/lib.sh"
start_sandbox --latency 20ms
cd "$WORK" || exit 2

apart=(unshare --pid --fork --kill-child --mount-proc --uts sh -c 'hostname "$0" && exec "$@"')
[[ $(id -u) -eq 0 ]] || apart=(unshare -r "${apart[@]:1}")
if ! "${apart[@]}" pod-1 true 2>"$WORK/why"; then
	echo "ok SKIPPED: this kernel lets nobody have a PID namespace of their own: $(head -1 "$WORK/why")"
	finish
fi
fault() { admin faults -X POST -H 'Content-Type: application/json' -d "{\"add\": [\"$1\"]}" >/dev/null; }
in_cloud() { check "$1" test "$(admin 'state?stable=1' | jq -c '[.tenants[] | select(.customer_id != null)] | [length, ([.[].users[]] | length), ([.[].users[].mails] | add // 0), ([.[].users[].mails] | max // 0)]')" = "$2"; }
begin() { # COMMAND...: in the background; OWNER is its process
	"$@" >"$WORK/owner.out" 2>&1 </dev/null &
	OWNER=$!
	PIDS+=("$OWNER")
}

# ---- The owner is out here, who comes is in a pod: it sees neither the process nor its own name in the row.
orders 901 >orders.csv
write_job
fault "CreateUser:slow:for=30s"
begin "$TENANTRY" run job.yaml --now $NOW
check "a run is at work" until_made CreateUser 1
expect "a run in a pod of this machine" 4 "${apart[@]}" pod-1 "$TENANTRY" run job.yaml --now $NOW
says "it names the run" "is locked by run $(basename "$(last_run)")"
expect "one with the machine's own name (hostNetwork, PrivatePIDs)" 4 "${apart[@]}" "$(uname -n)" "$TENANTRY" run job.yaml --now $NOW
says "it names the run" "is locked by run $(basename "$(last_run)")"
expect "unlock there" 4 "${apart[@]}" "$(uname -n)" "$TENANTRY" unlock job.yaml
expect "so many hours later too" 4 "${apart[@]}" pod-1 "$TENANTRY" run job.yaml --now 2026-11-20T11:30:00Z
expect "a retry there" 4 "${apart[@]}" pod-1 "$TENANTRY" retry last --job job.yaml --now $NOW
expect "a decision there" 4 "${apart[@]}" pod-1 "$TENANTRY" decide OI-901 --skip --reason "no need" --job job.yaml
expect "unlock there, hours later" 4 "${apart[@]}" pod-1 "$TENANTRY" unlock job.yaml --stale-after 1ms --now 2026-11-20T11:30:00Z
says "it says where it is at work" "at work on this machine"
kill -KILL "$OWNER"
wait "$OWNER" 2>/dev/null
faults_off
expect "it is gone: its heartbeat is of this minute, and the next one goes on" 0 "${apart[@]}" pod-1 "$TENANTRY" run job.yaml --now $NOW
says "it takes the lock over" "is taken over from run"
in_cloud "one of everything" '[1,1,1,1]'

# ---- The other way round: the owner is in a pod, and out here its process id is somebody else's or nobody's.
orders 902 >orders.csv
fault "CreateUser:slow:for=30s"
before=$(made CreateUser)
begin "${apart[@]}" pod-1 "$TENANTRY" run job.yaml --now 2026-11-20T02:30:00Z
check "a run is at work in a pod" until_made CreateUser $((before + 1))
expect "a run out here" 4 "$TENANTRY" run job.yaml --now 2026-11-20T02:30:00Z
says "it names the pod" "on host pod-1"
expect "a run in another pod" 4 "${apart[@]}" pod-2 "$TENANTRY" run job.yaml --now 2026-11-20T12:30:00Z
expect "unlock out here" 4 "$TENANTRY" unlock job.yaml --stale-after 1ms --now 2026-11-20T12:30:00Z
expect "rebuild out here" 4 "$TENANTRY" rebuild job.yaml --now 2026-11-20T02:30:00Z
kill -KILL "$OWNER" # --kill-child: the pod goes with it
wait "$OWNER" 2>/dev/null
faults_off
for ((n = 0; n < 500; n++)); do
	"${apart[@]}" pod-2 "$TENANTRY" run job.yaml --now 2026-11-20T02:30:00Z >"$WORK/out" 2>"$WORK/err" && break
	read -rt 0.02 <> <(:) || true
done
check "the next one goes on" grep -q "all good" "$WORK/out"
in_cloud "still one of everything" '[2,2,2,1]'

# ---- Through a link, and beside it.
ln -s "$WORK/var/test.db" linked.db
sed 's,var/test.db,linked.db,; s,name: test,name: other,; s,var/runs,var/other-runs,' job.yaml >linked.yaml
orders 903 >orders.csv
fault "CreateUser:slow:for=30s"
before=$(made CreateUser)
begin "$TENANTRY" run linked.yaml --now 2026-11-20T03:30:00Z
check "a run through a link is at work" until_made CreateUser $((before + 1))
expect "another by the ledger's own name" 4 "${apart[@]}" pod-1 "$TENANTRY" run job.yaml --now 2026-11-20T03:30:00Z
rm -f var/test.db.lock
expect "somebody removed the lock file: its heartbeat is fresh" 4 "${apart[@]}" pod-1 "$TENANTRY" unlock linked.yaml --now 2026-11-20T03:30:00Z
wait_for_file() { local n; for ((n = 0; n < 1000; n++)); do [[ -e $1 ]] && return 0; read -rt 0.02 <> <(:) || true; done; return 1; }
check "the run makes it again" wait_for_file var/test.db.lock
expect "and holds it" 4 "${apart[@]}" pod-1 "$TENANTRY" unlock linked.yaml --now 2026-11-20T13:30:00Z
kill -KILL "$OWNER"
wait "$OWNER" 2>/dev/null
faults_off
expect "its own next run" 0 "$TENANTRY" run linked.yaml --now 2026-11-20T03:30:00Z

# ---- Displaced: somebody on another machine has the lock by now. The run wakes up, and its next intent is refused.
orders 911 912 913 914 915 >orders.csv
sed -i 's/^  rate: 0/  rate: 0\n  connections: 1/' job.yaml
before=$(made CreateTenant)
begin "$TENANTRY" run job.yaml --now 2026-11-20T04:30:00Z
check "a run is in the middle of its orders" until_made CreateTenant $((before + 3))
displace="UPDATE locks SET run_id = '20261120T043100Z-abcdef', host = 'elsewhere', boot_id = 'another'"
sqlite3 -cmd '.timeout 10000' var/test.db "$displace"
sent=$(changes)
wait "$OWNER"
check "a displaced run: exit status 4" test $? = 4
cp "$WORK/owner.out" "$WORK/out"
says "it says that it lost the lock, and to whom" "run 20261120T043100Z-abcdef has it"
says "it says what it did" "of 5 orders done"
check "it does not say that nothing was done" bash -c '! grep -q "nothing was done" "$1"' _ "$WORK/owner.out"
check "it stopped at once: at most what was in flight was sent" test $(($(changes) - sent)) -le 2
displaced=$(last_run)
check "run.json says how it ended" field "$displaced/run.json" '"\(.exit_status) \(.error.code)"' "4 displaced"
check "the counts close" counts_close "$displaced/run.json"
check "what it had done is for the next run to hand on" test ! -e "$displaced/orders-executed.csv"
expect "elsewhere is alive" 4 "$TENANTRY" run job.yaml --now 2026-11-20T04:30:00Z
expect "until a person says so" 0 "$TENANTRY" unlock job.yaml --now 2026-11-20T05:30:00Z
expect "the next run goes on" 0 "$TENANTRY" run job.yaml --now 2026-11-20T05:30:00Z
in_cloud "one of everything, and no second mail" '[8,8,8,1]'
check "it handed on what the displaced one had done" test -s "$displaced/orders-executed.csv"
expect "verify all of it" 0 "$TENANTRY" verify all --job job.yaml
finish
