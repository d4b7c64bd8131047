#!/usr/bin/env bash
# kill -9 at points all over a night, then the job again: the end is that of an undisturbed night. `make check` tries a share of
# the points and all around the activation mail; `make check-long` tries all of them, and kills the repair as well.
. "$(dirname "$0")/lib.sh"
driver=("$BUILD/tests/crash/crash" --tenantry "$ROOT/build/crash/tenantry" --sandbox "$SANDBOX" --folder "$WORK")
play() { "${driver[@]}" "$@" || exit 1; }
if [[ -n ${TENANTRY_LONG:-} ]]; then
	play
	play --twice --every 3
	play --connections 8 --every 2
else
	play --every 7
fi
