#!/usr/bin/env bash
# Each changing call in turn is answered never, late, in part, wrongly or with no, once; then the next night. One of everything in
# the end, and never a second mail. `make check-long` plays them under lists that lie as well.
[[ -z ${TMPDIR:-} && -w /dev/shm ]] && export TMPDIR=/dev/shm
. "$(dirname "$0")/lib.sh"
play() {
	"$BUILD/tests/crash/lost_answers" --tenantry "$TENANTRY" --sandbox "$SANDBOX" --folder "$WORK" --workers 4 "$@" || exit 1
}
play
[[ -n ${TENANTRY_LONG:-} ]] || exit 0
for fault in FetchTenantsBatch:list-stale:behind=50:count=0 FetchTenantsBatch:list-cut:nth=2:count=0 \
	FetchTenantsBatch:list-empty:nth=2:count=0 FetchTenantUsers:list-stale:behind=50:count=0 Search:list-empty:count=0; do
	play --fault "$fault"
done
