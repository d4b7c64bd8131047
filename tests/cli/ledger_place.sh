#!/usr/bin/env bash
# A SQLite ledger on a file system that is shared with other machines is refused, before anything is read or made: neither SQLite's
# locks nor ours hold there. What statfs says is played by a library that is preloaded.
. "$(dirname "$0")/lib.sh"
# shellcheck disable=SC2086 # CC may be two words: ccache gcc
${CC:-cc} -std=c11 -D_GNU_SOURCE -fPIC -shared -o "$WORK/other_disk.so" "$ROOT/tests/cli/other_disk.c" -ldl || { not_ok "the shim compiles"; finish; }
start_sandbox
cd "$WORK" || exit 2
# on MAGIC COMMAND...: as if $WORK/var lay on that file system
on() { LD_PRELOAD="$WORK/other_disk.so" ASAN_OPTIONS="verify_asan_link_order=0${ASAN_OPTIONS:+:$ASAN_OPTIONS}" OTHER_DISK="$WORK/var" OTHER_DISK_MAGIC=$1 "${@:2}"; }

orders 101 >orders.csv
write_job
mkdir var
for disk in 0x6969:NFS 0xff534d42:CIFS 0xfe534d42:SMB 0x00c36400:Ceph 0x01021997:9p; do
	expect "a first run on ${disk#*:}" 2 on "${disk%:*}" "$TENANTRY" run job.yaml --now $NOW
	says "it names the file system" "(${disk#*:})"
done
check "nothing was made" test -z "$(ls var)"
check "nothing was asked" test ! -s requests.ndjson
says "it says what to do" "put it on a disk of the machine that runs the job"
says "it names the file" "$WORK/var/test.db"
expect "check on NFS" 2 on 0x6969 "$TENANTRY" check job.yaml --now $NOW
says "it says so" "FAILED   ledger"
says "it says why" "shared with other machines (NFS)"
expect "a dry run on NFS" 2 on 0x6969 "$TENANTRY" run job.yaml --now $NOW --dry-run
expect "on a disk of its own" 0 on 0xef53 "$TENANTRY" run job.yaml --now $NOW

# ---- A ledger that is there, moved to such a place later.
before=$(changes)
expect "the next run on NFS" 2 on 0x6969 "$TENANTRY" run job.yaml --now $NOW
expect "decide" 2 on 0x6969 "$TENANTRY" decide OI-101 --skip --reason "no need" --job job.yaml
expect "unlock" 2 on 0x6969 "$TENANTRY" unlock job.yaml
expect "rebuild" 2 on 0x6969 "$TENANTRY" rebuild job.yaml --now $NOW
check "nothing was changed" test "$(changes)" = "$before"
expect "reading a copy is fine" 0 on 0x6969 "$TENANTRY" runs --job job.yaml
expect "run folders may lie there" 0 bash -c 'LD_PRELOAD=$0 ASAN_OPTIONS=verify_asan_link_order=0 OTHER_DISK=$1/runs OTHER_DISK_MAGIC=0x6969 "${@:2}"' \
	"$WORK/other_disk.so" "$WORK/var" "$TENANTRY" run job.yaml --now 2026-11-21T01:30:00Z

# ---- A second name of the ledger: SQLite would keep a log under each.
ln var/test.db var/other.db
expect "a hard link" 2 "$TENANTRY" run job.yaml --now 2026-11-21T02:30:00Z
says "it says so" "second name (a hard link)"
expect "check" 2 "$TENANTRY" check job.yaml --now 2026-11-21T02:30:00Z
rm var/other.db
expect "without it" 0 "$TENANTRY" check job.yaml --now 2026-11-21T02:30:00Z

# ---- A lock file that no night could take.
rm var/test.db.lock && ln -s /dev/null var/test.db.lock
expect "a run with a link in its place" 3 "$TENANTRY" run job.yaml --now 2026-11-21T02:30:00Z
expect "check knows it before" 3 "$TENANTRY" check job.yaml --now 2026-11-21T02:30:00Z
says "it names the file" "test.db.lock: the ledger's lock file cannot be opened"
rm var/test.db.lock
expect "none at all is made by the next run" 0 "$TENANTRY" check job.yaml --now 2026-11-21T02:30:00Z
check "check makes none" test ! -e var/test.db.lock
if [[ $(id -u) -eq 0 ]] && command -v runuser >/dev/null; then
	as_nobody() { runuser -u nobody -- env "ACRONIS_CLIENT_ID=$ACRONIS_CLIENT_ID" "ACRONIS_CLIENT_SECRET=$ACRONIS_CLIENT_SECRET" "TENANTRY_ACRONIS_URL=$URL" "$@"; }
	chmod -R a+rX "$WORK" && chown -R nobody "$WORK/var" && install -m 600 /dev/null var/test.db.lock
	if as_nobody "$TENANTRY" --version >/dev/null 2>&1; then
		expect "a lock file of root's" 3 as_nobody "$TENANTRY" check job.yaml --now 2026-11-21T02:30:00Z
		says "it says whose it must be" "give it to the ledger's owner"
	fi
fi
finish
