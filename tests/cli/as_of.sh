#!/usr/bin/env bash
# A day and a month that are past, compared from what their nights kept, whatever both sides say by now.
. "$(dirname "$0")/lib.sh"
cd "$WORK" || exit 2
export TENANTRY_ACRONIS_URL=http://127.0.0.1:1
echo "$ORDER_HEADER" >orders.csv
uuid() { printf '00000000-0000-4000-8000-%012d' "$1"; }
subscriptions() { # STATUS OF S-3
	echo "$SUBSCRIPTION_HEADER"
	for n in 1 2 3; do
		echo "S-$n,$(uuid $n),$n,\"Reseller $n, Ltd\",admin@r$n.example.com,CCSP-T1,Tier 1,$([ $n = 3 ] && echo "$1" || echo Active),1,USD,2026-01-01,,0,no,Synchronized,2026-10-01T00:00:00Z"
	done
	echo "S-9,,9,Reseller 9,,CCSP-T1,Tier 1,$2,1,USD,2026-01-01,,0,no,Synchronized,2026-10-01T00:00:00Z"
}
tenants() { # TIER OF 2
	echo "Tenant Id,Customer Id,Name,Kind,Enabled,Tier Value,Licensing Mode,Currency,Pricing Mode"
	for n in 1 2 3; do echo "$(uuid $n),$n,\"Reseller $n, Ltd\",partner,true,$([ $n = 2 ] && echo "$1" || echo 0),per_gb,USD,production"; done
}
HEADER='Invoice Id,Invoice Date,Subscription Id,Account Id,Period Start,Period End,Kind,Currency,Amount'
invoices() {
	echo "$HEADER"
	for n in 1 2 3; do
		echo "I-$n,2026-11-01,S-$n,$n,2026-10-01,2026-10-31,usage,USD,180.00"
		[ $n = 1 ] || echo "I-$n,2026-11-01,S-$n,$n,2026-10-01,2026-10-31,commitment,USD,70.00"
	done
}
write_job 's|^  min_coverage.*|  min_coverage: 50%\n  max_age: 0s\n  max_shrink: 100%|' 's|  subscriptions: {csv.*|&\n  invoices: {csv: invoices.csv}|'
echo "$HEADER" >invoices.csv
night() { touch -d "$1" tenants.csv; "$TENANTRY" reconcile job.yaml --tenants tenants.csv --now "$1"; }
past() { "$TENANTRY" reconcile job.yaml "$@"; }
report() { jq -r "$1" "$(last_run)/run.json"; }
codes() { report '[.findings[] | .code + " " + .account_id] | join(", ")'; }
found() { test "$(codes)" = "$1"; }

subscriptions Active Active >subscriptions.csv
tenants 0 >tenants.csv
night 2026-10-30T01:30:00Z >/dev/null 2>&1
tenants 1 >tenants.csv
subscriptions Active "In limbo" >subscriptions.csv
night 2026-10-31T01:30:00Z >/dev/null 2>&1
october=$(codes)
october_run=$(basename "$(last_run)")
tenants 0 >tenants.csv
subscriptions Cancelled Active >subscriptions.csv
night 2026-11-01T01:30:00Z >/dev/null 2>&1
november=$(codes)
check "each night kept both sides and the invoices" test "$(find var/runs -name '*s.csv.zst' | wc -l)" = 9
check "of one mind only with its own day" test "$october" != "$november"
rows() { sqlite3 var/test.db 'SELECT finding_id, state, last_seen, runs_open FROM findings ORDER BY 1' 2>/dev/null || echo none; }
memory=$(rows)

rm tenants.csv subscriptions.csv
expect "the last day of October" 1 past --as-of 2026-10-31
check "says what it is compared from" grep -q "run $october_run" "$WORK/out"
says "and how far from the day" "22 h 30 min before the end of that day"
check "loudly" grep -q '^AS OF  *2026-10-31' "$WORK/out"
check "to its last line" grep -q '^as of 2026-10-31, ' "$WORK/out"
check "the tier of that day" grep -q 'tier-mismatch' "$(last_run)/findings.csv"
check "each finding says as of when" test "$(report '[.findings[] | select(.sentence | startswith("As of 2026-10-31: ") | not)] | length')" = 0
check "the page does not count from the last run" test "$(grep -c 'Since the last run' "$(last_run)/report.html")" = 0
check "the page says it" grep -q 'AS OF 2026-10-31' "$(last_run)/report.html"
check "run.json says it" field "$(last_run)/run.json" '.as_of | .day + " " + .run' "2026-10-31 $october_run"
check "it was read from the kept files" field "$(last_run)/run.json" '[.inputs[] | select(.note == "as kept") | .role] | sort | join(" ")' "invoices subscriptions tenants"
check "the row that could not be used is there still" grep -q 'In limbo' "$(last_run)/run.json"
check "nothing was asked of Acronis" field "$(last_run)/run.json" .effort.requests 0
check "what nights remember is untouched" test "$(rows)" = "$memory"
expect "the day after" 1 past --as-of 2026-11-01
check "is another" test "$(codes)" != "$october"
check "no tier differs" test "$(report '.reconciliation.by_code["tier-mismatch"] // 0')" = 0
expect "a time zone moves the end of a day" 1 bash -c "sed 's|^  min_coverage.*|&\n  timezone: \"+09:00\"|' job.yaml >tokyo.yaml; '$TENANTRY' reconcile tokyo.yaml --as-of 2026-10-31"
says "in Tokyo it is over nine hours sooner" "13 h 30 min before the end of that day"
expect "a day to come" 3 past --as-of 2099-01-01
says "is not compared" "not compared: 2099-01-01 is still to come"
expect "a month to come" 3 past --period 2099-01
says "neither" "not compared: January 2099 is not over"
expect "a day before all that is kept" 3 past --as-of 2026-10-29
check "waiting is not advised: what was not kept does not come" test "$(grep -c "trying later" "$WORK/out")" = 0
says "says what there is" "the oldest one that is kept is of 2026-10-30T01:30:00Z"
says "is loud about it too" "AS OF"
sed 's/max_age: 0s/max_age: 36h/' job.yaml >strict.yaml
expect "a day that has its night" 1 "$TENANTRY" reconcile strict.yaml --as-of 2026-11-01
expect "a day whose night failed, and the one before" 3 "$TENANTRY" reconcile strict.yaml --as-of 2026-11-03
says "names the night that there is" "the newest snapshot of 2026-11-03 or earlier is of 2026-11-01T01:30:00Z, 70 hours before the end of that day"
expect "a day and a file" 2 past --as-of 2026-10-31 --tenants x.csv
expect "no month" 2 past --period October

expect "October without its invoices" 3 past --period 2026-10
says "says so" "the invoices have no line of 2026-10"
invoices >invoices.csv
expect "October with them" 1 past --period 2026-10
says "of which no night kept any, so it says that they are of now" "no invoices are kept of that time"
check "in run.json too" field "$(last_run)/run.json" '.as_of | .invoices + .invoices_run' now
check "its shortfall is found" grep -q 'commitment-shortfall-unbilled' "$(last_run)/findings.csv"
check "that month and no other" field "$(last_run)/run.json" .reconciliation.billing.months 2026-10
check "S-3 was still active that day" test "$(report '.reconciliation.coverage.tiers_compared')" = 3
check "nothing of it is remembered" test "$(rows)" = "$memory"

subscriptions Cancelled Active >subscriptions.csv
tenants 0 >tenants.csv
night 2026-11-02T01:30:00Z >/dev/null 2>&1
check "the next night counts nights, not looks back" test "$(report '[.findings[] | select(.code == "cancelled-but-enabled") | .runs_open] | max')" = 2

# ---- Invoices and rates of a night stay what they were, whatever is corrected later.
echo 'From,To,Rate,Valid From,Valid To' >rates.csv
echo 'USD,EUR,0.90,2026-01-01,' >>rates.csv
sed -i 's|^  invoices: {csv.*|&\n  rates: {csv: rates.csv}|; s|^report: {|&currency: EUR, |' job.yaml
{ invoices; echo 'I-4,2026-11-01,S-1,1,2026-10-01,2026-10-31,usage,USD,1e3'; echo 'I-0,2026-10-01,S-1,1,2026-09-01,2026-09-30,usage,USD,250.00'; } >invoices.csv
night 2026-11-03T01:30:00Z >/dev/null 2>&1
third=$(basename "$(last_run)")
findings() { # of the last run, without what is the run's own
	jq -S '[.findings[] | del(.run_id, .first_seen, .last_seen, .opened_at)]' "$(last_run)/run.json" | sed 's/As of [-0-9]*: //'
}
check "a night keeps invoices and rates" test -s "var/runs/$third/invoices.csv.zst" -a -s "var/runs/$third/rates.csv.zst"
check "for itself alone" test "$(stat -c %a "var/runs/$third/invoices.csv.zst")" = 600
check "not what is out of its reach" test "$(zstd -dqc "var/runs/$third/invoices.csv.zst" | grep -c 2026-09-01)" = 0
check "run.json names them" field "$(last_run)/run.json" '[.outputs[] | select(test("^(invoices|rates)"))] | join(" ")' "invoices.csv.zst rates.csv.zst"
expect "October as that night knew it" 1 past --period 2026-10 --as-of 2026-11-03
unwrapped() { tr -s ' \n' ' ' <"$WORK/out" | grep -qF -- "$1"; }
check "says whose invoices they are" unwrapped "invoices of 2026-10 as run $third read them 2026-11-03T01:30:00Z"
check "and whose rates" unwrapped "rates as run $third read them"
check "run.json says it" field "$(last_run)/run.json" '.as_of | .invoices + " " + .invoices_run + " " + .rates' "kept $third kept"
check "all sides are kept ones" field "$(last_run)/run.json" '[.inputs[] | select(.note == "as kept") | .role] | sort | join(" ")' "invoices rates subscriptions tenants"
check "evidence names the source's own line" grep -q 'invoices.csv:7' "$(last_run)/findings.csv"
check "a line that could not be used is one still" grep -q 'exponent' "$(last_run)/findings.csv"
findings >before.json
table() { sed "s/$(basename "$(last_run)")/RUN/g; s/20[-0-9]*T[:.0-9]*Z/TIME/g" "$(last_run)/findings.csv"; }
table >before.csv
night 2026-11-04T01:30:00Z >/dev/null 2>&1
fourth=$(basename "$(last_run)")
check "the same again is on the disk once" test "var/runs/$third/invoices.csv.zst" -ef "var/runs/$fourth/invoices.csv.zst" -a "var/runs/$third/rates.csv.zst" -ef "var/runs/$fourth/rates.csv.zst"
invoices | sed '/I-2.*commitment/s/70.00/17.00/' >invoices.csv
sed -i s/0.90/0.80/ rates.csv
expect "October again, after a correction" 1 past --period 2026-10 --as-of 2026-11-03
findings >after.json
check "is what it was, byte for byte" cmp before.json after.json
check "in the table too" cmp before.csv <(table)
night 2026-11-05T01:30:00Z >/dev/null 2>&1
fifth=$(basename "$(last_run)")
check "what is another is a copy of its own" test ! "var/runs/$fourth/invoices.csv.zst" -ef "var/runs/$fifth/invoices.csv.zst"
rm invoices.csv rates.csv
expect "October without a day" 1 past --period 2026-10
check "is of the newest that are kept" unwrapped "as run $fifth read them"
short() { report '[.findings[] | select(.code | startswith("commitment-")) | .subscription_id] | sort | join(" ")'; }
check "with the correction" test "$(short)" = "S-1 S-2"
expect "the day before the correction" 1 past --period 2026-10 --as-of 2026-11-04
check "without it" test "$(short)" = "S-9"
expect "October before its invoices were known" 3 past --period 2026-10 --as-of 2026-11-01
says "says when they were" "the first that are kept are of 2026-11-03T01:30:00Z"
expect "a month of which no invoices were kept" 3 past --period 2026-09 --as-of 2026-11-04
says "is asked of its source" "rates.csv: not compared: cannot read"
kept=var/runs/$fifth/invoices.csv.zst
cp "$kept" whole.zst
zstd -dqc "$kept" | sed 's/17.00/70.00/' | zstd -qc >changed.zst && cp changed.zst "$kept"
expect "changed invoices prove nothing" 3 past --period 2026-10
says "nor are they passed over" "invoices.csv.zst of run $fifth is not what was written"
expect "and cannot be signed" 1 "$TENANTRY" sign "$fifth" --job job.yaml --preparer "Ann Lee"
says "with the reason" "invoices.csv.zst is not what was read"
cp whole.zst "$kept"
echo "$HEADER" >invoices.csv
echo 'From,To,Rate,Valid From,Valid To' >rates.csv
night 2026-11-20T01:30:00Z >/dev/null 2>&1
expect "October, when the export has it no more" 1 past --period 2026-10
check "is of the newest that have it" unwrapped "as run $fifth read them"
"$TENANTRY" prune job.yaml --keep 1d --now 2027-03-01T00:00:00Z --dry-run >pruned 2>&1
check "the newest invoices of a month stay" grep -q "$fifth.*the newest invoices of a month" pruned
check "older ones go" test "$(grep "$fourth" pruned | grep -c 'newest')" = 0
invoices >invoices.csv
sed -i '/^  rates:/d' job.yaml

kept=var/runs/$october_run/subscriptions.csv.zst
zstd -dqc "$kept" | sed 's/Tier 1/Tier 2/' | zstd -qc >changed.zst && mv changed.zst "$kept"
expect "a changed snapshot proves nothing" 3 past --as-of 2026-10-31
says "says so" "is not what was written"
rm "$kept"
expect "nor does a lost one" 3 past --as-of 2026-10-31
no_leftovers "nothing is left over" var
finish
