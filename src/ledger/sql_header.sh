#!/bin/sh
# Makes one C header of SQL files: sql/NAME.sql becomes `static const char sql_NAME[]`.
echo '/* Generated from src/ledger/sql; edit there. */'
for file; do
	name=$(basename "$file" .sql)
	printf 'static const char sql_%s[] __attribute__((unused)) =\n' "$name"
	sed -e 's/\\/\\\\/g' -e 's/"/\\"/g' -e 's/^/    "/' -e 's/$/\\n"/' "$file"
	echo '    ;'
done
