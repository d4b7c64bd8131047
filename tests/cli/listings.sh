#!/usr/bin/env bash
# Lists that lie: cut, short, doubled, without ids, lagging, endless, shifting, at each listing of a night, alone and beside lost
# creates. `make check` plays a share of the nights, `make check-long` all of them.
[[ -z ${TMPDIR:-} && -w /dev/shm ]] && export TMPDIR=/dev/shm
. "$(dirname "$0")/lib.sh"
play() {
	"$BUILD/tests/crash/listings" --tenantry "$TENANTRY" --sandbox "$SANDBOX" --folder "$WORK" --workers 4 "$@" || exit 1
}
if [[ -n ${TENANTRY_LONG:-} ]]; then play; else play --every 7; fi
