#!/usr/bin/env bash
# The nth allocation, write, fsync, rename, SQLite call, curl call ... of a night fails; then the job runs again. `make check` tries
# points spread over the night, every other one failing for good from there on, and looks for lost memory too; `make check-long`
# tries every point both ways, and a share of them with a program that checks each access to memory.
[[ -z ${TMPDIR:-} && -w /dev/shm ]] && export TMPDIR=/dev/shm
. "$(dirname "$0")/lib.sh"
leaks=$(realpath -e "$(${CC:-cc} -print-file-name=liblsan.so)" 2>/dev/null) || leaks=
[[ -n $leaks ]] || echo "# no leak checker to preload (liblsan.so of gcc): leaks are not looked for"
play() {
	local program=$1
	shift
	"$BUILD/tests/torture/torture" --tenantry "$program" --sandbox "$SANDBOX" --shim "$BUILD/tests/torture/shim.so" \
		--folder "$WORK" "$@" || exit 1
}
if [[ -n ${TENANTRY_LONG:-} ]]; then
	play "$ROOT/build/crash/tenantry" ${leaks:+--leaks "$leaks"}
	play "$ROOT/build/crash-asan/tenantry" --points 200
else
	play "$ROOT/build/crash/tenantry" ${leaks:+--leaks "$leaks"} --points 14
	# A connection whose first request cannot be written: libcurl once waited for it without end.
	play "$ROOT/build/crash/tenantry" --at network:3
fi
