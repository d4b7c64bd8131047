#!/usr/bin/env bash
# Write-back disturbed in every way, and the job again: each order ends with one tenant, one active subscription and one execution.
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/pg_lib.sh"
start_sandbox
pg_start max_prepared_transactions=4
cd "$WORK" || exit 2

is() { check "$1" test "$(sql "$DB" -c "$2")" = "$3"; }
night() { expect "$1" "$2" "$TENANTRY" run job.yaml; }
# fresh NAME [SED...]: a BSS of its own with two orders, and its job; what other BSSs have in Acronis is not compared
number=1000
fresh() {
	DB=$1
	number=$((number + 10))
	pg_orders "$DB" $((number + 1)) $((number + 2))
	write_pg_job "s|name: test|name: $DB|" "s|ledger: .*|ledger: var/$DB.db|" "s|  name: main|  name: $DB|" \
		's|steps: .*|steps: [validate, provision, report]|' 's|retries: 0|retries: 3\n  lock_timeout: 300ms|' "${@:2}"
	direct=$BSS_CONNINFO
}
through_proxy() {
	start_proxy "$@"
	export BSS_CONNINFO="host=127.0.0.1 port=$PROXY_PORT dbname=$DB user=tenantry password=rehearsal sslmode=disable"
}
past_proxy() {
	stop_proxy
	export BSS_CONNINFO=$direct
}
# The end that every story has: converged NAME
converged() {
	is "$1: two active subscriptions" "select count(*) from bss_subscription where status = 'Active' and sync_status = 'Synchronized' and sync_comment is null and external_id is not null" 2
	is "$1: one for each order item" "select count(distinct order_item_id) = count(*) and count(*) = 2 from bss_subscription" t
	is "$1: all executed" "select count(*) from bss_order o join bss_order_item i using (order_id) where o.status_name = 'Executed' and i.delivery_status = 'Executed'" 2
	check "$1: one tenant for each" test "$(admin state | jq "[.tenants[].customer_id | select(. == \"$((number + 1))\" or . == \"$((number + 2))\")] | length")" = 2
	check "$1: the ledger says so" test "$("$TENANTRY" show "OI-$((number + 1))" --job job.yaml 2>/dev/null | grep -ciw 'done')" -ge 1
}
again() {
	night "$1: the job again" 0
	converged "$1"
}
again_parked() {
	expect "$1: retried" 0 "$TENANTRY" retry last --job job.yaml --include-parked
	converged "$1"
}
write_of=("" "from tenantry.begin_subscriptions" "from tenantry.activate_subscriptions")

# ---- The connection is cut at each write, before and after the server had it: settled within the same night.
for n in 1 2; do
	for how in drop swallow; do
		fresh "cut_${n}_$how"
		through_proxy --when "${write_of[n]}" --do "$how"
		night "$DB" 0
		says "$DB: it says that the connection was lost" "lost"
		check "$DB: it happened" grep -qE 'dropped|swallowed' "$WORK/proxy.log"
		past_proxy
		converged "$DB"
		check "$DB: the doubt was settled" test "$(tr -d ' ' <"$(last_run)/audit.ndjson" | grep -c '"call":"bss.*"outcome":"settled"')" -ge 1
		expect "$DB: the audit verifies" 0 "$TENANTRY" verify last --job job.yaml
	done
done

# The word of a failure is a write, too, and so is the look that settles a doubt something to be lost.
for how in drop swallow; do
	fresh "cut_fail_$how"
	admin faults -X POST -H 'Content-Type: application/json' -d '{"add": ["CreateTenant:1004:count=1"]}' >/dev/null
	through_proxy --when "from tenantry.fail_subscriptions" --do "$how"
	night "$DB: one of two fails" 1
	check "$DB: it happened" grep -qE 'dropped|swallowed' "$WORK/proxy.log"
	faults_off
	past_proxy
	is "$DB: the BSS shows it, where the write came through" "select sync_status from bss_subscription where status = 'Pending'" "$([[ $how == swallow ]] && echo Failed || echo Pending)"
	again_parked "$DB"
done
fresh cut_look
through_proxy --when "from tenantry." --do swallow --times 2
night "$DB" 0
check "$DB: the write and the look were lost" test "$(grep -c swallowed "$WORK/proxy.log")" = 2
past_proxy
converged "$DB"

# ---- The server dies at each write and stays dead: the night ends, nothing is lost, and the next one goes on.
for n in 1 2; do
	fresh "dead_$n" 's|retries: 3|retries: 1|'
	through_proxy --when "${write_of[n]}" --do swallow --run "kill -9 $(head -1 "$PG_DATA/postmaster.pid"); pkill -9 -P $(head -1 "$PG_DATA/postmaster.pid")"
	night "$DB: the server dies" 3
	says "$DB: it says so" "nothing can be written to the BSS"
	past_proxy
	pg_kill
	pg_up
	again "$DB"
done
fresh dead_fail 's|retries: 3|retries: 1|'
admin faults -X POST -H 'Content-Type: application/json' -d '{"add": ["CreateTenant:1004:count=1"]}' >/dev/null
through_proxy --when "from tenantry.fail_subscriptions" --do swallow --run "kill -9 $(head -1 "$PG_DATA/postmaster.pid"); pkill -9 -P $(head -1 "$PG_DATA/postmaster.pid")"
night "$DB: the server dies" 3
says "$DB: it says so" "nothing can be written to the BSS"
faults_off
past_proxy
pg_kill
pg_up
again_parked "$DB"
fresh dead_read
through_proxy --when "copy (" --do swallow --run "kill -9 $(head -1 "$PG_DATA/postmaster.pid"); pkill -9 -P $(head -1 "$PG_DATA/postmaster.pid")"
tenants=$(made CreateTenant)
night "$DB: the server dies while it is read" 3
says "$DB: nothing was done" "nothing was done"
check "$DB: nothing was" test "$(made CreateTenant)" = "$tenants"
past_proxy
pg_kill
pg_up
again "$DB"

# ---- We die at each write.
CRASH=$ROOT/build/crash/tenantry
if [[ -x $CRASH ]]; then
	fresh crash_points
	TENANTRY_CRASH_LOG=$WORK/points "$CRASH" run job.yaml >/dev/null 2>&1
	points=$(grep -E ' (bss-[a-z]+|intent-written|outcome) ' "$WORK/points" | grep -E 'bss-|bss\.' | cut -d' ' -f1)
	check "points around the writes" test "$(wc -w <<<"$points")" -ge 8
	converged crash_points
	for point in $points; do
		# A kill around the activation mail leaves it in doubt, which is another story.
		fresh "crash_$point" 's|^acronis:|provision: {activation_in_doubt: resend}\nacronis:|'
		TENANTRY_CRASH_AT=$point run "$CRASH" run job.yaml
		# Calls of two orders interleave, so that a night may have a few points less than the one that was counted.
		check "$DB: killed, or at its end before" test "$STATUS" = 137 -o "$STATUS" = 0
		# The server rolls an unanswered write back, or finishes it, when it notices.
		while [[ $(sql postgres -c "select count(*) from pg_stat_activity where datname = '$DB' and usename = 'tenantry'") != 0 ]]; do read -rt 0.02 <> <(:) || true; done
		again "$DB"
	done
else
	echo "# skipped: we die at each write (build/crash/tenantry is made by make check)"
fi

# ---- Somebody else has the order locked.
fresh locked
coproc LOCKER { psql -X -qAt -h "$PG_SOCKET" -p "$PG_PORT" -U postgres -d "$DB"; }
locker_in=${LOCKER[1]} locker_out=${LOCKER[0]} locker=$LOCKER_PID
PIDS+=("$locker")
echo "begin; select 'locked' from bss_order where order_id = 'ORD-$((number + 1))' for update;" >&"$locker_in"
read -r locked_word <&"$locker_out"
check "locked: by another session" test "$locked_word" = locked
night "locked: one of two" 1
says "locked: it says so" "bss-busy"
is "locked: the other one is done" "select count(*) from bss_subscription where status = 'Active'" 1
check "locked: nothing was made for it" test "$(admin state | jq "[.tenants[].customer_id | select(. == \"$((number + 1))\")] | length")" = 0
echo "rollback; \\q" >&"$locker_in"
wait "$locker" 2>/dev/null
again locked

# ---- A right is taken away in the middle of the night.
fresh revoked
through_proxy --when "${write_of[1]}" --do pass --run "psql -X -q -h $PG_SOCKET -p $PG_PORT -U postgres -d revoked -c 'revoke execute on function tenantry.activate_subscriptions(jsonb, text[]) from tenantry'"
night "revoked: in the middle" 3
says "revoked: which" "activate_subscriptions"
past_proxy
night "revoked: and still" 3
says "revoked: found before anything is done" "nothing was provisioned"
sql revoked -c 'grant execute on function tenantry.activate_subscriptions(jsonb, text[]) to tenantry'
again revoked

# ---- An order is changed while the night runs.
change() { # change NAME WHEN SQL DETAIL: of the first order
	fresh "$1"
	through_proxy --when "$2" --do pass --run "psql -X -q -h $PG_SOCKET -p $PG_PORT -U postgres -d $1 -c \"$(printf "$3" "$((number + 1))")\""
	night "$1: parked" 1
	past_proxy
	check "$1: as order-changed" grep -q 'order-changed' "$(last_run)/failed.csv"
	check "$1: with what differs" grep -qF "$4" "$(last_run)/failed.csv"
	is "$1: it is not executed" "select count(*) from bss_order_item where order_item_id = 'OI-$((number + 1))' and delivery_status = 'Executed'" 0
	is "$1: the other one is" "select delivery_status from bss_order_item where order_item_id = 'OI-$((number + 2))'" Executed
}
change canceled "${write_of[1]}" "update bss_order set status_name = 'Canceled' where order_id = 'ORD-%d'" 'status is ""Canceled"" now'
is "canceled: the BSS shows why" "select sync_status, sync_comment like 'order-changed: %' from bss_subscription where status = 'Pending'" "Failed|t"
change upgraded "${write_of[1]}" "update bss_order_item set product_id = (select product_id from bss_product where code = 'CCSP-T2') where order_item_id = 'OI-%d'" 'product is ""CCSP-T2"" now'
change deleted_early "copy (select q.\"Order Id\"" "delete from bss_order_item where order_item_id = 'OI-%d'" 'not there any more'
check "deleted_early: and nothing was made for it" test "$(admin state | jq "[.tenants[].customer_id | select(. == \"$((number + 1))\")] | length")" = 0
fresh taken
sql taken -c "insert into bss_subscription (subscription_id, account_id, order_item_id, status) values ('00000000-0000-0000-0000-00000000000a', $((number + 1)), 'OI-$((number + 1))', 'Cancelled')"
night "taken: the order item has a subscription of somebody else's" 1
check "taken: it says which" grep -q '00000000-0000-0000-0000-00000000000a already' "$(last_run)/failed.csv"

# ---- Two nights at once: of one job the ledger keeps them apart, of two jobs the BSS.
fresh twice
admin faults -X POST -H 'Content-Type: application/json' -d '{"add": ["CreateTenant:slow:for=4s:count=1"]}' >/dev/null
"$TENANTRY" run job.yaml >"$WORK/first.out" 2>&1 &
first=$!
PIDS+=("$first")
while [[ $(sql twice -c "select count(*) from bss_subscription") == 0 ]] && kill -0 $first 2>/dev/null; do read -rt 0.02 <> <(:) || true; done
night "twice: the same job" 4
sed 's|ledger: .*|ledger: var/twice-b.db|; s|output: .*|output: var/runs-b|; s|name: twice$|name: twice-b|; s|  name: twice-b|  name: twice|' job.yaml >other.yaml
expect "twice: another job on another ledger" 4 "$TENANTRY" run other.yaml
says "twice: who writes" "another night writes to the BSS \"twice\""
says "twice: which run" "tenantry/20"
wait $first
check "twice: the first one is undisturbed" test $? = 0
faults_off
converged twice
expect "twice: then the other may" 0 "$TENANTRY" run other.yaml
converged "twice, after the other"

# ---- The disk is full. It takes the right to mount a small one.
mkdir -p "$PG_DIR/small"
if [[ $(id -u) -eq 0 ]] && mount -t tmpfs -o size=6m,mode=700,uid="$(id -u postgres)" tmpfs "$PG_DIR/small" 2>/dev/null; then
	unmount() { umount -l "$PG_DIR/small" 2>/dev/null; pg_cleanup; }
	trap unmount EXIT
	sql postgres -c "create tablespace small location '$PG_DIR/small'"
	fresh disk_full
	sql disk_full -c 'create table filler (t text) tablespace small' -c 'alter table bss_subscription set tablespace small' \
		-c 'alter index bss_subscription_pkey set tablespace small' -c "insert into bss_subscription (subscription_id, account_id, status) select gen_random_uuid(), $((number + 1)), repeat('x', 100) from generate_series(1, 2)" \
		-c 'delete from bss_subscription' -c 'vacuum full bss_subscription'
	# Until nothing more fits.
	sql disk_full -c "do \$\$ begin loop insert into filler select repeat(md5(random()::text), 200) from generate_series(1, 20); commit; end loop; end \$\$" >/dev/null 2>&1
	tenants=$(made CreateTenant)
	night "disk_full: the server's disk" 3
	says "disk_full: it says so" "No space left on device"
	says "disk_full: nothing more can be written" "nothing can be written to the BSS"
	check "disk_full: nothing was made" test "$(made CreateTenant)" = "$tenants"
	sql disk_full -c 'drop table filler'
	again disk_full
	mkdir -p "$WORK/tmp"
	fresh spool
	mount -t tmpfs -o size=16k tmpfs "$WORK/tmp" && {
		sql spool -c "insert into bss_account (account_id, name) select 5000 + n, repeat('name ', 20) || n from generate_series(1, 3000) n" \
			-c "insert into bss_subscription (subscription_id, account_id, status) select gen_random_uuid(), 5000 + n, 'Cancelled' from generate_series(1, 3000) n"
		expect "spool: our own disk" 3 env TMPDIR="$WORK/tmp" "$TENANTRY" run job.yaml
		says "spool: it says so" "No space left on device"
		says "spool: and where" "$WORK/tmp"
		umount "$WORK/tmp"
		night "spool: with room again" 0
		sql spool -c "delete from bss_subscription where status = 'Cancelled'"
		converged spool
	}
else
	echo "# skipped: the disk is full (it takes the right to mount)"
fi
finish
