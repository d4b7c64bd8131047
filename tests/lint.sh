#!/bin/sh
# Format, clang-tidy, cppcheck and shellcheck over the whole tree. Silent where all is well; any complaint fails.
set -u
cd "$(dirname "$0")/.." || exit 2
status=0
sources=$(git ls-files 'src/*.c' 'src/*.h' 'include/*.h' 'tests/*.c' 'tests/*.h')
scripts=$(git ls-files '*.sh' tests/run .ci/run)

say() { printf 'lint: %s\n' "$1"; }
say "clang-format"
# shellcheck disable=SC2086
clang-format --dry-run -Werror $sources || status=1
say "shellcheck"
# shellcheck disable=SC2086
shellcheck -S warning -x $scripts || status=1
say "cppcheck"
cppcheck --quiet --std=c11 --enable=warning,performance,portability --inline-suppr --error-exitcode=1 -j 2 \
	--suppress=missingIncludeSystem --suppress=unknownMacro -Iinclude -Isrc src || status=1
make -s build/release/gen/sql.h build/release/gen/sandbox_sql.h
say "clang-tidy"
pkgs=$(pkg-config --cflags libpq libcurl jansson yaml-0.1 sqlite3 xlsxwriter libzstd libxxhash nettle libmicrohttpd gnutls)
# shellcheck disable=SC2086 # lists of words
git ls-files 'src/*.c' | xargs -P 2 -I '{}' clang-tidy --quiet --warnings-as-errors='*' '{}' -- \
	-std=c11 -D_GNU_SOURCE '-DTENANTRY_VERSION="lint"' -Iinclude -Isrc -Ibuild/release/gen $pkgs 2>/dev/null || status=1
exit $status
