#!/usr/bin/env bash
# What is made from the tables: the README's sections are up to date, man pages and completion are clean, install and
# uninstall are each other's opposite.
. "$(dirname "$0")/lib.sh"
cd "$ROOT" || exit 2
expect "the README can be renewed" 0 "$BUILD/tenantry-docs" renew README.md
check "the README is up to date (make readme)" diff -u README.md "$WORK/out"
# A heading's anchor: lower case, blanks as dashes, other marks gone.
anchors() { sed -n 's/^##* //p' README.md | tr 'A-Z ' 'a-z-' | tr -cd 'a-z0-9-\n' | sort -u; }
linked() { grep -o '](#[a-z0-9-]*)' README.md | sed 's/](#\(.*\))/\1/' | sort -u; }
check "its links lead somewhere" test -z "$(comm -13 <(anchors) <(linked))"
check "it has links" test "$(linked | wc -l)" -ge 15
for program in tenantry tenantry-sandbox; do
	check "$program --help fits 80 columns" test "$("$BUILD/$program" --help | awk 'length($0) > 80' | wc -l)" = 0
done
for page in tenantry.1 tenantry-job.5 tenantry-sandbox.1; do
	if command -v groff >/dev/null; then
		run groff -ww -man -Tutf8 -z "$BUILD/doc/$page"
		silent "$page has no warnings"
	fi
	check "$page says its version" grep -q '^\.TH .* "tenantry [0-9]' "$BUILD/doc/$page"
done
if command -v shellcheck >/dev/null; then
	expect "shellcheck of the completion" 0 shellcheck -s bash "$BUILD/doc/tenantry.bash"
fi

make_install() { make --no-print-directory -s BUILD="$BUILD" DESTDIR="$WORK/root" PREFIX=/opt/tenantry "$@"; }
expect "make install" 0 make_install install
for file in bin/tenantry bin/tenantry-sandbox share/man/man1/tenantry.1 share/man/man5/tenantry-job.5 \
	share/man/man1/tenantry-sandbox.1 share/bash-completion/completions/tenantry share/tenantry/jobs/nightly.yaml \
	share/tenantry/samples/subscriptions.csv share/tenantry/samples/bss/pending_orders.sql share/tenantry/samples/bss/tenantry.sql share/doc/tenantry/docs/bss-database.md share/tenantry/cron/tenantry.cron \
	share/doc/tenantry/README.md share/doc/tenantry/run.schema.json; do
	check "$file is installed" test -s "$WORK/root/opt/tenantry/$file"
done
check "programs can be run" test -x "$WORK/root/opt/tenantry/bin/tenantry"
check "the unit has the real place" grep -q '^ExecStart=/opt/tenantry/bin/tenantry run ' \
	"$WORK/root/opt/tenantry/lib/systemd/system/tenantry.service"
expect "the installed program runs" 0 "$WORK/root/opt/tenantry/bin/tenantry" --version
says "and says its version" "tenantry 0."
echo mine >"$WORK/root/opt/tenantry/share/tenantry/jobs/mine.yaml"
expect "make uninstall" 0 make_install uninstall
check "what is not ours stays" test "$(find "$WORK/root" -type f)" = "$WORK/root/opt/tenantry/share/tenantry/jobs/mine.yaml"
check "and no empty folder does" test -z "$(find "$WORK/root" -type d -empty)"
finish
