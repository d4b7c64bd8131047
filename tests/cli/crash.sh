#!/usr/bin/env bash
# kill -9 at points all over a night, then the job again: the end is that of an undisturbed night. `make check` tries a share of
# the points and all around the activation mail, and some under lists that lag; `make check-long` tries all of them, repairs with
# `retry` too, kills the repair as well, lets several connections answer in any order, and lists lie in each way.
# In memory where there is room: what a process that dies had written is with the kernel, and no disk is asked.
[[ -z ${TMPDIR:-} && -w /dev/shm ]] && export TMPDIR=/dev/shm
. "$(dirname "$0")/lib.sh"
play() {
	"$BUILD/tests/crash/crash" --tenantry "$ROOT/build/crash/tenantry" --sandbox "$SANDBOX" --folder "$WORK" "$@" || exit 1
}
if [[ -n ${TENANTRY_LONG:-} ]]; then
	play
	play --twice
	play --retry --every 3
	play --retry --twice --every 3
	play --connections 8
	for fault in list-stale:behind=50:count=0 list-cut:count=0 list-cut:nth=2:count=0 list-short:count=0 list-empty:count=0 \
		list-without-ids:count=0 list-double:count=0; do
		play --fault "FetchTenantsBatch:$fault" --every 3
	done
else
	play --every 3
	play --fault FetchTenantsBatch:list-stale:behind=50:count=0 --every 29
fi
