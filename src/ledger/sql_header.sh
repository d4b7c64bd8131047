#!/bin/sh
# Makes one C header of SQL files: sql/NAME.sql becomes `static const char sql_NAME[]`, without its comments.
# The bytes are written as numbers, as C compilers need not take string literals longer than 4095 bytes.
# A comment is all from "--" to the end of the line: no text literal of ours may hold two dashes.
set -eu
echo '/* Generated from src/ledger/sql; edit there. */'
for file; do
	printf 'static const char sql_%s[] __attribute__((unused)) = {\n' "$(basename "$file" .sql)"
	sed -e 's/--.*//' -e 's/[[:space:]]*$//' -e '/^$/d' "$file" | od -An -v -tx1 | sed -e 's/ \(..\)/0x\1,/g'
	echo '0};'
done
