#!/usr/bin/env bash
# What is kept of earlier nights, and what goes: by hand, in each night, and what verify and --as-of say of it later.
. "$(dirname "$0")/lib.sh"
cd "$WORK" || exit 2
start_sandbox
orders >orders.csv
write_job 's|^  min_coverage.*|  min_coverage: 50%\n  max_age: 0s\n  max_shrink: 100%|'
night() { "$TENANTRY" "${2:-reconcile}" job.yaml --now "${1}T01:30:00Z" --quiet; }
runs() { find var/runs -mindepth 1 -maxdepth 1 -type d -printf '%f\n' | cut -c1-8 | sort | tr '\n' ' '; }
sed -i '$aprivacy: {keep: 0d}' job.yaml
for day in 2026-08-30 2026-08-31 2026-09-15 2026-09-29 2026-10-10 2026-10-31 2026-11-18 2026-11-19; do
	night $day >/dev/null 2>&1
done
all=$(runs)
touch "$(find var/runs -name '20260830*')/manifest.json"
expect "a dry run" 0 "$TENANTRY" prune job.yaml --keep 10d --dry-run --now 2026-11-20T00:00:00Z
says "says what would go" "2 of 8 run folders would be removed"
check "why the others stay: month ends" test "$(grep -c "kept: a month's end" "$WORK/out")" = 3
says "what was signed" "kept: signed"
check "and removes nothing" test "$(runs)" = "$all"
expect "as JSON" 0 "$TENANTRY" prune job.yaml --keep 10d --dry-run --now 2026-11-20T00:00:00Z --json
check "with each folder" field "$WORK/out" '[.runs[] | select(.result == "would be removed") | .run[0:8]] | join(" ")' "20260915 20261010"
expect "it does it" 0 "$TENANTRY" prune job.yaml --keep 10d --now 2026-11-20T00:00:00Z
says "says what it removed" "2 of 8 run folders removed"
check "those two" test "$(runs)" = "20260830 20260831 20260929 20261031 20261118 20261119 "
expect "month ends have their time" 0 "$TENANTRY" prune job.yaml --keep 10d --keep-month-ends 60d --now 2026-11-20T00:00:00Z
check "September's end is younger than that" test "$(runs)" = "20260830 20260929 20261031 20261118 20261119 "
expect "nothing is left to do" 0 "$TENANTRY" prune job.yaml --keep 10d --keep-month-ends 60d --now 2026-11-20T00:00:00Z
says "says so" "0 of 5 run folders removed"
expect "the kept end of a month can be compared" 0 "$TENANTRY" reconcile job.yaml --as-of 2026-10-31
expect "a day of which all is pruned cannot" 3 "$TENANTRY" reconcile job.yaml --as-of 2026-08-29
rm "$(find var/runs -name '20260830*')/manifest.json"
expect "the audits still fit" 0 "$TENANTRY" verify all --job job.yaml
says "verify knows what was pruned" "was removed as old"
sed -i 's/keep: 0d/keep: 10d/; /^privacy/aretention: {month_ends: 40d}' job.yaml
expect "a night prunes by itself" 0 night 2026-11-24
check "by the job's own times" test "$(runs | tr ' ' '\n' | grep -c '^2026[01][0-9]')" -ge 1
check "September's end went now" test -z "$(find var/runs -name '20260929*')"
check "October's stays" test -n "$(find var/runs -name '20261031*')"
check "the next audit shows it" grep -q '"event":"pruned"' <(cat var/runs/*/audit.ndjson | tr -d ' ')
rm -r "$(find var/runs -name '20261031*')"
expect "a folder that somebody took is missed" 1 "$TENANTRY" verify all --job job.yaml
finish
