#!/usr/bin/env bash
# kill -9 at points all over a night, then the job again: the end is that of an undisturbed night. `make check` tries a share of
# the points and all around the activation mail; `make check-long` tries all of them, repairs with `retry` too, kills the repair as
# well, and lets several connections answer in any order.
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
else
	play --every 3
fi
