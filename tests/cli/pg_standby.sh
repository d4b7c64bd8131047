#!/usr/bin/env bash
# A primary and a real standby: read from either, written to the primary alone, and what happens when the primary dies and the
# standby takes its place.
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/pg_lib.sh"
start_sandbox
pg_start
cd "$WORK" || exit 2
STANDBY=$PG_DIR/standby
standby_ctl() { as_server "$PG_BIN/pg_ctl" -D "$STANDBY" -s "$@" >/dev/null 2>&1; }
both_cleanup() {
	[[ -s $STANDBY/postmaster.pid ]] && standby_ctl stop -m immediate
	pg_cleanup
}
trap both_cleanup EXIT

pg_orders two 101 102
echo "local replication all trust" | as_server tee -a "$PG_DATA/pg_hba.conf" >/dev/null
pg_ctl reload
as_server "$PG_BIN/pg_basebackup" -h "$PG_SOCKET" -p "$PG_PORT" -U postgres -D "$STANDBY" -R -X stream -c fast --no-sync 2>"$WORK/backup.log" ||
	{ not_ok "pg_basebackup" "$(tail -3 "$WORK/backup.log")"; finish; }
for ((tries = 0; tries < 5; tries++)); do
	STANDBY_PORT=$("$PROXY" --free-port)
	standby_ctl start -w -t 30 -l "$PG_DIR/standby.log" -o "-p $STANDBY_PORT" && break
done
on_standby() { psql -X -qAt -h "$PG_SOCKET" -p "$STANDBY_PORT" -U postgres -d two -c "$1"; }
check "the standby is one" test "$(on_standby 'select pg_is_in_recovery()')" = t

write_pg_job 's|steps: .*|steps: [validate, provision, report]|' 's|retries: 0|retries: 1|'
user="dbname=two user=tenantry"
both="host=$PG_SOCKET,$PG_SOCKET port=$STANDBY_PORT,$PG_PORT $user"

# ---- The standby alone: to read from, not to write to.
export BSS_CONNINFO="host=$PG_SOCKET port=$STANDBY_PORT $user"
tenants=$(made CreateTenant)
expect "read from the standby" 0 "$TENANTRY" validate job.yaml
check "all of it" field "$(last_run)/run.json" '.intake.accepted' 2
expect "a night that writes to the standby" 3 "$TENANTRY" run job.yaml
for text in "$PG_SOCKET:$STANDBY_PORT/two" "read-only" "nothing was provisioned" "primary"; do says "  says \"$text\"" "$text"; done
check "  nothing was made" test "$(made CreateTenant)" = "$tenants"
expect "check" 3 "$TENANTRY" check job.yaml
says "  says so, too" "read-only"

# ---- Both by name: the one that can be written to is found.
export BSS_CONNINFO=$both
expect "a night with both" 0 "$TENANTRY" run job.yaml
check "the primary has it" test "$(sql two -c "select count(*) from bss_order where status_name = 'Executed'")" = 2
export BSS_CONNINFO="$both target_session_attrs=standby"
expect "reading where the connection text says" 0 "$TENANTRY" export job.yaml -o exported
says "  from the standby" "$PG_SOCKET:$STANDBY_PORT/two"

# ---- The primary dies between two nights; the standby is promoted, and the same connection text goes on.
pg_add_order two 103
while [[ $(on_standby "select count(*) from bss_order_item") != 3 ]]; do read -rt 0.02 <> <(:) || true; done
pg_kill
export BSS_CONNINFO=$both
expect "no primary" 3 "$TENANTRY" run job.yaml
says "  says that nothing was done" "nothing was"
check "  nothing was made" test "$(made CreateTenant)" = 2
standby_ctl promote -w -t 30
expect "the new primary" 0 "$TENANTRY" run job.yaml
check "has the new order" test "$(on_standby "select count(*) from bss_order where status_name = 'Executed'")" = 3
check "no tenant twice" test "$(made CreateTenant)" = 3
finish
