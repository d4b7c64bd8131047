#!/usr/bin/env bash
# PgBouncer between us and the BSS database. In session mode a night runs and keeps others out. In transaction or statement mode the
# lock that lets one night at a time write would be nobody's: refused, in check as in the run, before anything is made.
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/pg_lib.sh"
BOUNCER=$(PATH=$PATH:/usr/sbin command -v pgbouncer)
if [[ -z $BOUNCER ]]; then
	echo "ok SKIPPED: no PgBouncer here, and make check could not install it (package pgbouncer)"
	finish
fi
start_sandbox --latency 10ms
pg_start
cd "$WORK" || exit 2

pool_down() {
	local pid
	pid=$(cat "$PG_DIR/pool/pid" 2>/dev/null) || return 0
	kill -INT "$pid" 2>/dev/null
	while kill -0 "$pid" 2>/dev/null; do read -rt 0.02 <> <(:) || true; done
}
trap 'pool_down; pg_cleanup' EXIT
# bouncer MODE [SETTING...]: POOL_PORT; a port that the kernel gave, another one when somebody was quicker
bouncer() {
	local mode=$1 tries setting
	shift
	for ((tries = 0; tries < 5; tries++)); do
		POOL_PORT=$("$PROXY" --free-port)
		as_server mkdir -p "$PG_DIR/pool"
		as_server tee "$PG_DIR/pool/ini" >/dev/null <<-INI
			[databases]
			* = host=$PG_SOCKET port=$PG_PORT
			[pgbouncer]
			listen_addr = 127.0.0.1
			listen_port = $POOL_PORT
			unix_socket_dir =
			pidfile = $PG_DIR/pool/pid
			auth_type = trust
			auth_file = $PG_DIR/pool/users
			pool_mode = $mode
			ignore_startup_parameters = extra_float_digits,options
			$(for setting; do echo "$setting"; done)
		INI
		as_server tee "$PG_DIR/pool/users" >/dev/null <<<'"tenantry" ""'
		as_server "$BOUNCER" -q "$PG_DIR/pool/ini" >"$WORK/pool.log" 2>&1 </dev/null &
		PIDS+=("$!")
		for ((n = 0; n < 500; n++)); do
			psql -X -qAt -h 127.0.0.1 -p "$POOL_PORT" -U tenantry -d postgres -c 'select 1' >/dev/null 2>&1 </dev/null && return 0
			kill -0 "${PIDS[-1]}" 2>/dev/null || break
			read -rt 0.02 <> <(:) || true
		done
	done
	not_ok "PgBouncer starts" "$(cat "$WORK/pool.log")"
	finish
}
through_pool() { export BSS_CONNINFO="host=127.0.0.1 port=$POOL_PORT dbname=night user=tenantry sslmode=disable"; }
two_nights() { # what the case money/09 did: two ledgers, one BSS, at once; their statuses
	"$TENANTRY" run job.yaml --now $NOW >a.out 2>&1 &
	local a=$! b
	"$TENANTRY" run other.yaml --now $NOW >b.out 2>&1 &
	b=$!
	wait "$a"
	a=$?
	wait "$b"
	BOTH="$a $?"
}

pg_orders night 101 102 103 104 105 106
write_pg_job
sed 's,var/test.db,other/test.db,; s,var/runs,other/runs,' job.yaml >other.yaml

# ---- Directly: one of two.
expect "check, directly" 0 "$TENANTRY" check job.yaml --now $NOW
says "it says that the session is ours" "session: ours alone, so one night"

# ---- Transaction mode, as it is at night: others use the pool too, or nobody does.
for settings in "default_pool_size = 10" "default_pool_size = 1" "server_round_robin = 1"; do
	bouncer transaction "$settings"
	through_pool
	expect "check, transaction mode, $settings" 2 "$TENANTRY" check job.yaml --now $NOW
	says "it says what is wrong" "a pooler hands the connection to others between transactions"
	says "it says what to do" "pool_mode = session"
	expect "a run, transaction mode, $settings" 2 "$TENANTRY" run job.yaml --now $NOW
	says "it says so too" "a pooler hands the connection to others between transactions"
	says "it says that nothing was provisioned" "nothing was provisioned"
	pool_down
done
bouncer transaction "default_pool_size = 10"
through_pool
two_nights
check "two nights at once: both are refused" test "$BOTH" = "2 2"
check "nothing was made" test "$(made CreateTenant)" = 0
check "every order is as it was" test "$(sql night -c "select string_agg(distinct status_name, ' ') from bss_order")" = Submitted
sed 's/  retries: 0/  retries: 0\n  write_back: false/' job.yaml >reading.yaml
expect "who only reads may" 0 "$TENANTRY" check reading.yaml --now $NOW
pool_down

bouncer statement
through_pool
expect "check, statement mode" 2 "$TENANTRY" check job.yaml --now $NOW
pool_down

# ---- Session mode: a night like any other, and one at a time.
bouncer session
through_pool
expect "check, session mode" 0 "$TENANTRY" check job.yaml --now $NOW
says "it says that there is a pooler" "through a pooler in session mode"
two_nights
check "two nights at once: one runs, one is told ($BOTH)" bash -c '[[ $1 == "0 4" || $1 == "4 0" ]]' _ "$BOTH"
check "it is told whose turn it is" grep -q 'another night writes to the BSS "main"' a.out b.out
for job in job other; do check "$job: its record is closed" "$TENANTRY" verify last --job $job.yaml; done
check "each order was done once" test "$(made CreateTenant 201) $(admin mails | jq '.mails | length')" = "6 6"
pool_down

# ---- Session mode without room for a second connection: it cannot be seen, and is not believed.
bouncer session "default_pool_size = 1" "query_wait_timeout = 1"
through_pool
sed -i 's/  retries: 0/  retries: 0\n  connect_timeout: 2s/' job.yaml
expect "check, a pool of one" 2 "$TENANTRY" check job.yaml --now $NOW
says "it says that it could not be seen" "could not be seen"
says "it says what helps" "room for two connections"
finish
