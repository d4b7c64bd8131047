#!/usr/bin/env bash
# GNU sort and join with mawk: sort_join.sh DATA OUT, or sort_join.sh prepare, which gives 77 where one of them is not installed.
set -eu
export LC_ALL=C
[[ $1 == prepare ]] && { command -v mawk join sort >/dev/null || exit 77; exit 0; }
work=$(mktemp -d "$2/sort.XXXXXX")
trap 'rm -rf "$work"' EXIT
sorted() { sort --parallel=2 -S 1G -T "$work" -t, "$@"; }
# Quoted text is names only, which no class needs: it goes before a line is split at its commas.
# shellcheck disable=SC2016 # awk's own
plain='function plain() { if (index($0, "\"")) { gsub(/"([^"]|"")*"/, "Q"); $0 = $0 } }'
mawk -F, "$plain"' NR == 1 { next } { plain(); print $3 "," $1 "," $7 "," $8 "," $10 "," $11 "," $12 }' "$1/tenants.csv" | sorted -k1,1 >"$work/tenants"
mawk -F, "$plain"' NR == 1 { next } { plain(); tier = substr($6, 6) - 1 }
	$7 == "Cancelled" { print $3 "," $1 >W "/cancelled0"; next } { print $3 "," $1 "," $2 "," $7 "," tier "," $9 "," $5 }' \
	W="$work" "$1/subscriptions.csv" | sorted -k1,1 >"$work/live"
touch "$work/cancelled0"
sorted -k1,1 -k2,2 "$work/cancelled0" | mawk -F, '$1 != last { print; last = $1 }' >"$work/cancelled"
# account, then subscription, status, tier, currency, username, then tenant, enabled, tier, currency, pricing mode, login
join -t, -a1 -a2 -o 0,1.2,1.4,1.5,1.6,1.7,2.2,2.3,2.4,2.5,2.6,2.7 "$work/live" "$work/tenants" | mawk -F, '
	function add(class) { print $1 "," class "," $2 "," $7 }
	$2 == "" { print $1 "," $7 "," $8 >W "/orphans"; next }
	$7 == "" { if ($3 == "Active") add("tenant-missing"); next }
	{ if ($4 != $9) add("tier-mismatch")
	  if ($5 != $10) add("currency-mismatch")
	  if (($3 == "Active") != ($8 == "true")) add($3 == "Active" ? "active-but-disabled" : "suspended-but-enabled")
	  if (tolower($6) != tolower($12)) add("login-mismatch")
	  if ($11 == "trial") add("pricing-mode") }' W="$work" >"$work/findings"
touch "$work/orphans"
join -t, -a1 -o 0,1.2,1.3,2.2 "$work/orphans" "$work/cancelled" | mawk -F, '
	$4 == "" { print $1 ",subscription-missing,," $2; next }
	{ print $1 "," ($3 == "true" ? "cancelled-but-enabled" : "cancelled-but-present") "," $4 "," $2 }' >>"$work/findings"
# Of several, the one that names, or is named by, the other side is the contract's own.
mawk -F, '$1 == last { if (!told) print held; print; told = 1; next } { last = $1; held = $0; told = 0 }' "$work/live" |
	mawk -F, '{ print $1 "," ($3 == "") "," $4 "," $2 }' | sorted -k1,4 | mawk -F, '$1 == last { print $1 ",duplicate-subscription," $4 "," } { last = $1 }' >>"$work/findings"
mawk -F, '$1 == last { if (!told) print held; print; told = 1; next } { last = $1; held = $0; told = 0 }' "$work/tenants" >"$work/several"
join -t, -a1 -o 0,1.2,1.3,2.3 "$work/several" "$work/live" | mawk -F, '{ print $1 "," ($4 != $2) "," ($3 != "true") "," $2 }' | sorted -u -k1,4 |
	mawk -F, '$1 == last { print $1 ",duplicate-tenant,," $4 } { last = $1 }' >>"$work/findings"
{ echo "Account Id,Code,Subscription Id,Tenant Id"; sorted -k1,1 -k2,2 -k3,3 -k4,4 "$work/findings"; } >"$2/findings.csv"
cut -d, -f2 "$work/findings" | sort | uniq -c | mawk '{ print $2 "," $1 }'
