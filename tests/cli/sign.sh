#!/usr/bin/env bash
# Sign-off: who may sign what, what stands against it, the manifest, and every way in which a signed run can be tampered with.
. "$(dirname "$0")/lib.sh"
start_sandbox
cd "$WORK" || exit 2
export TENANTRY_JOB=$WORK/job.yaml
drift() { admin drift -X POST -H 'Content-Type: application/json' -d "$1" >/dev/null; }
orders 601 602 603 >orders.csv
write_job 's/min_coverage: 95%/min_coverage: 50%/'
expect "contracts are made" 0 "$TENANTRY" run job.yaml --now $NOW
cp "$(last_run)/subscriptions-import.csv" subscriptions.csv
echo "$ORDER_HEADER" >orders.csv
day=20
night() {
	((day++))
	touch -d "2026-11-${day}T00:00:00Z" subscriptions.csv
	run "$TENANTRY" reconcile job.yaml --now "2026-11-${day}T01:30:00Z" "$@"
	RUN=$(basename "$(last_run)")
}
at() { date -u -d "2026-11-01 + $((day - 1)) days 9 hours" +%FT%TZ; }
sign() { expect "$1" "$2" "$TENANTRY" sign "$RUN" --now "$(at)" "${@:3}"; }
unsigned() { check "$1: nothing was signed" test "$(sqlite3 var/test.db "select count(*) from signatures where run_id = '$RUN' and withdrawn_at = 0")" = "${2:-0}"; }

# ---- What cannot be signed.
RUN=last
expect "validate" 0 "$TENANTRY" validate job.yaml --now "$(at)"
sign "a run that compared nothing" 1 --preparer "Ann Lee"
says "says why" "only a run that reconciles can be signed"
RUN=19990101T000000Z-aaaaaa sign "an unknown run" 2 --preparer "Ann Lee"
drift '{"tenant": "601", "tier": 1}'
night
sign "a high finding that is open" 1 --preparer "Ann Lee"
says "names it" "tier-mismatch, high) is neither fixed nor accepted"
unsigned "open"
admin faults -X POST -H 'Content-Type: application/json' -d '{"add": ["FetchTenantPricingSettings:500:count=0"]}' >/dev/null
drift '{"tenant": "601", "tier": 0}'
night --full
sign "not everything was compared" 1 --preparer "Ann Lee"
says "not-compared blocks" "were not compared"
unsigned "not compared"
faults_off
sed 's/min_coverage: 50%/min_coverage: 99%/' job.yaml >strict.yaml

# ---- A night that can.
drift '{"tenant": "602", "name": "Renamed Ltd"}'
night --full
check "only a low finding" test "$(jq -r '[.findings[].severity] | join(" ")' "$(last_run)/run.json")" = low
folder=$(last_run)
sign "no role" 2
sign "both at once" 2 --preparer A1 --reviewer B1
sign "no name" 2 --preparer " "
sign "the reviewer first" 2 --reviewer "Bo Diaz"
says "says who comes first" "nobody has prepared"
check "no manifest so far" test ! -e "$folder/manifest.json"
sign "the preparer signs" 0 --preparer "  Ann Lee "
check "the manifest is there" test -s "$folder/manifest.json"
check "for its owner alone" test "$(stat -c %a "$folder/manifest.json")" = 600
says "its hash is told" "$(sha256sum "$folder/manifest.json" | cut -d' ' -f1)"
check "who and when" field "$folder/manifest.json" '.signatures[0] | .role + " " + .name' "preparer Ann Lee"
check "every file with its digest" test "$(jq -r '.files | to_entries[] | .value.sha256 + "  " + .key' "$folder/manifest.json" | (cd "$folder" && sha256sum -c --quiet 2>&1 | wc -l))" = 0
check "all of them" test "$(jq '.files | length' "$folder/manifest.json")" = "$(($(find "$folder" -type f | wc -l) - 1))"
check "inputs as run.json has them" test "$(jq -c .inputs "$folder/manifest.json")" = "$(jq -c .inputs "$folder/run.json")"
check "settings, counts, coverage, totals" jq -e '.run.job_digest and .reconciliation.coverage and .at_stake and .findings.count == 1 and .findings.open == 1 and (.audit.head | length) == 64' "$folder/manifest.json"
check "what stays open is listed" field "$folder/manifest.json" '.findings.list[0].state' open
for same in "Ann Lee" "ANN LEE" "ann  lee" "AnnLee" $'Ann\u00a0Lee'; do
	sign "the same person as $same" 2 --reviewer "$same"
	says "$same: refused" "must be another person"
done
unsigned "same person" 1
sign "another preparer" 2 --preparer "Cy Orr"
sign "the same again changes nothing" 0 --preparer "ann lee"
expect "runs show it" 0 "$TENANTRY" runs
check "prepared" grep -q "$RUN.*prepared" out
sign "the reviewer signs" 0 --reviewer "Bo Diaz"
check "two signatures" field "$folder/manifest.json" '.signatures | map(.role) | join(" ")' "preparer reviewer"
expect "runs show both" 0 "$TENANTRY" runs
check "signed" grep -q "$RUN.*signed" out
expect "show" 0 "$TENANTRY" show "$RUN"
says "show says who" "Bo Diaz"
check "the page of all nights too" grep -q 'signed</span> <small>Ann Lee, Bo Diaz' var/runs/index.html
expect "it fits" 0 "$TENANTRY" verify "$RUN"
expect "a report shows the state" 0 "$TENANTRY" report "$RUN"
says "who reviewed" "reviewed by Bo Diaz"
expect "and writes nothing" 2 "$TENANTRY" report "$RUN" --format html
says "for the folder is frozen" "its folder is frozen"
expect "it still fits" 0 "$TENANTRY" verify "$RUN"
signed=$RUN

# ---- Whatever moves is named.
cp -r "$folder" kept
cp var/test.db kept.db
tampered() { # NAME WHERE WORDS
	expect "$1" 1 "$TENANTRY" verify "$signed"
	says "$1: where" "$2"
	says "$1: what" "$3"
	rm -rf "$folder" && cp -r kept "$folder"
	cp kept.db var/test.db
}
for file in report.html report.xlsx tenants.csv.zst findings.csv accepted.csv run.json audit.ndjson; do
	printf ' ' >>"$folder/$file"
	tampered "$file is longer" "$folder/$file" "changed since Bo Diaz signed"
	rm "$folder/$file"
	tampered "$file is gone" "$folder/$file" "is missing"
done
echo x >"$folder/note.txt"
tampered "a file more" "$folder/note.txt" "was added since Bo Diaz signed"
sed -i 's/Ann Lee/Eve Lee/' "$folder/manifest.json"
tampered "another name in the manifest" "$folder/manifest.json" "is not the one that Bo Diaz signed"
rm "$folder/manifest.json"
tampered "the manifest is gone" "$folder/manifest.json" "is missing"
sqlite3 var/test.db "update run_findings set money = '1.00' where run_id = '$signed'"
tampered "a finding of the ledger" "the ledger" "its findings of this run are not those"
sed -i 's/Ann Lee/Eve Lee/' "$folder/manifest.json"
sqlite3 var/test.db "update signatures set name = 'Eve Lee' where role = 'preparer';
	update signatures set document = replace(document, 'Ann Lee', 'Eve Lee'), manifest = '$(sha256sum "$folder/manifest.json" | cut -d' ' -f1)' where role = 'reviewer'"
tampered "a manifest swapped in the ledger too" "the ledger" "no event tells of this signature"
for what in "name = 'Eve Lee'" "login = 'eve'" "signed_at = signed_at - 86400000"; do
	sqlite3 var/test.db "update signatures set $what where role = 'preparer'"
	tampered "another ${what%% *} beside the signed text" "the ledger" "is not what the signed manifest says"
done
sqlite3 var/test.db "update signatures set document = document || ' '"
tampered "its copy in the ledger" "the ledger" "was changed there"
sqlite3 var/test.db "delete from signatures"
tampered "the signatures are gone" "$folder/manifest.json" "nobody's signature stands"
expect "untouched it fits" 0 "$TENANTRY" verify "$signed"

# ---- The chain of audits carries it on.
night
check "the next audit has both" test "$(jq -s '[.[] | select(.event == "signed")] | length' "$(last_run)/audit.ndjson")" = 2
check "with the hash, without the name" jq -se --arg h "$(sha256sum "$folder/manifest.json" | cut -d' ' -f1)" '[.[] | select(.event == "signed")][1].detail | endswith($h)' "$(last_run)/audit.ndjson"
check "no names in it" test "$(grep -c 'Bo Diaz' "$(last_run)/audit.ndjson")" = 0
expect "all fits" 0 "$TENANTRY" verify all

# ---- A crash between ledger and file is put right by the same command; a file that changed meanwhile stops the reviewer.
sign "prepared" 0 --preparer "Ann Lee"
rm "$(last_run)/manifest.json"
sign "again" 0 --preparer "Ann Lee"
expect "the file is back" 0 "$TENANTRY" verify "$RUN"
printf ' ' >>"$(last_run)/report.html"
sign "a file changed before the review" 1 --reviewer "Bo Diaz"
says "is named" "report.html: changed since Ann Lee signed"
unsigned "changed" 1

# ---- Taking it back.
sign "withdraw without a reason" 2 --withdraw --preparer "Ann Lee"
sign "withdraw what nobody signed" 2 --withdraw --reviewer "Bo Diaz" --reason "x"
sign "withdraw what another has signed" 2 --withdraw --preparer "Cy Orr" --reason "x"
sign "withdraw" 0 --withdraw --preparer "ann lee" --reason "a report was edited"
check "the folder is free" test ! -e "$(last_run)/manifest.json"
expect "show has it" 0 "$TENANTRY" show "$RUN" --json
check "with the reason" jq -e '.runs[0].signatures[0].withdrawn_because == "a report was edited"' out
expect "now reports can be written" 0 "$TENANTRY" report "$RUN" --format html
sign "and it is signed anew" 0 --preparer "Cy Orr"
RUN=$signed
sign "the reviewer takes it back" 0 --withdraw --reviewer "Bo Diaz" --reason "a credit note came late"
check "the preparer's stands" field "$folder/manifest.json" '.signatures | length' 1
expect "and fits" 0 "$TENANTRY" verify "$signed"
sign "another reviewer" 0 --reviewer "Di Wu"
expect "everything fits" 0 "$TENANTRY" verify all
sed 's/^report:/privacy: {keep: 1d}\nreport:/' job.yaml >short.yaml
touch -d 2026-12-20T00:00:00Z subscriptions.csv
expect "a night that removes old folders" 0 "$TENANTRY" reconcile short.yaml --now 2026-12-20T01:30:00Z
check "keeps the signed one" test -s "$folder/manifest.json"
check "and no other" test "$(find var/runs -mindepth 1 -maxdepth 1 -type d | wc -l)" = "$((1 + $(sqlite3 var/test.db "select count(distinct run_id) from signatures where withdrawn_at = 0")))"
day=40
RUN=last
drift '{"tenant": "601", "tier": 1}'
night_at=2026-12-21
touch -d ${night_at}T00:00:00Z subscriptions.csv
run "$TENANTRY" reconcile job.yaml --now ${night_at}T01:30:00Z --propose fixes.yaml
day=51
sign "open and high" 1 --preparer "Cy Orr"
sed -i '/tier-mismatch/,/do:/s/do: no/do: yes/' fixes.yaml
expect "it is corrected" 0 "$TENANTRY" apply job.yaml fixes.yaml --now ${night_at}T03:00:00Z
RUN=$(jq -r '.corrections.findings_of' "$(last_run)/run.json")
sign "corrected, so it can be signed" 0 --preparer "Cy Orr"
check "the manifest says so" jq -e '[.findings.list[] | select(.code == "tier-mismatch")][0].state == "corrected"' "var/runs/$RUN/manifest.json"
touch -d 2026-12-22T00:00:00Z subscriptions.csv
expect "and the night after" 0 "$TENANTRY" reconcile job.yaml --now 2026-12-22T01:30:00Z
RUN=last
sign "as JSON" 0 --preparer "Cy Orr" --json
check "JSON" jq -e '.signed and (.manifest_sha256 | length) == 64' out
printf ' ' >>"var/runs/$(jq -r .run out)/run.json"
expect "a changed run.json" 1 "$TENANTRY" verify last

# ---- A day that is past: no audit, and signed all the same.
RUN=last
expect "a past day" 0 "$TENANTRY" reconcile job.yaml --now 2026-12-23T01:30:00Z --as-of 2026-12-22
day=53
past=$(last_run)
printf ' ' >>"$past/run.json"
sign "its record was changed" 1 --preparer "Ann Lee"
says "by which file" "run.json is not what the ledger keeps"
truncate -s -1 "$past/run.json"
sign "a past day is prepared" 0 --preparer "Ann Lee"
sign "and reviewed" 0 --reviewer "Bo Diaz"
expect "it fits" 0 "$TENANTRY" verify last
says "as what was signed" "its files are those that were signed"
printf ' ' >>"$past/findings.csv"
expect "until it was changed" 1 "$TENANTRY" verify last
says "in this file" "findings.csv: changed since Bo Diaz signed"
finish
