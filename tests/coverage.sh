#!/bin/sh
# Line coverage of src/ after `make check FLAVOUR=coverage`; fails under 85 %.
#   tests/coverage.sh BUILD
set -eu
build=$1
lcov --quiet --capture --directory "$build" --output-file "$build/all.info" --ignore-errors gcov,source 2>/dev/null
lcov --quiet --extract "$build/all.info" '*/src/*' --output-file "$build/src.info"
genhtml --quiet --output-directory "$build/html" "$build/src.info" 2>/dev/null || true
lcov --list "$build/src.info" | sed 's/ *|/ |/g'
rate=$(lcov --summary "$build/src.info" 2>&1 | sed -n 's/.*lines.*: \([0-9.]*\)%.*/\1/p')
echo "line coverage of src/: $rate % (pages in $build/html)"
awk -v r="$rate" 'BEGIN {exit !(r >= 85)}'
