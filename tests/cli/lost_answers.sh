#!/usr/bin/env bash
# Each changing call in turn is answered never, late, in part, wrongly or with no, once; then the next night. One of everything in
# the end, and never a second mail.
[[ -z ${TMPDIR:-} && -w /dev/shm ]] && export TMPDIR=/dev/shm
. "$(dirname "$0")/lib.sh"
"$BUILD/tests/crash/lost_answers" --tenantry "$TENANTRY" --sandbox "$SANDBOX" --folder "$WORK" --workers 4
