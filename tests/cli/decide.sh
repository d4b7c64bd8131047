#!/usr/bin/env bash
# Decisions about parked orders: each does what was decided, once, under the lock, and is kept with who and when.
. "$(dirname "$0")/lib.sh"
start_sandbox
cd "$WORK" || exit 2
JOB="--job job.yaml --now $NOW"
fault() { admin faults -X POST -H 'Content-Type: application/json' -d "{\"add\": [\"$1\"]}" >/dev/null; }
drift() { admin drift -X POST -H 'Content-Type: application/json' -d "$1" >/dev/null; }
state() { "$TENANTRY" show "$1" --job job.yaml --json | jq -r '.orders[0] | .state + " " + (.reason // "")'; }
tenant_of() { "$TENANTRY" show "$1" --job job.yaml --json | jq -r '.orders[0].tenant'; }
mails() { admin mails | jq --arg login "$1" '[.mails[] | select(.login == $login)] | length'; }
# tenant NAME [KIND]: one that was there before, below the distributor; its id
tenant() { admin drift -X POST -H 'Content-Type: application/json' -d "{\"add\": {\"name\": \"$1\", \"kind\": \"${2:-partner}\"${3:-}}}" | jq -r '[.. | strings][0]'; }
UNKNOWN=6b1f4c3e-0d2a-4f57-9a88-1c2d3e4f5a6b

orders 501 502 503 504 505 506 >orders.csv
write_job 's/, reconcile//'
expect "a decision before any run" 3 "$TENANTRY" decide OI-501 --skip --reason x $JOB

# 501: a stranger has the name. 502, 503: the mail's answer is lost. 504: its account has a tenant already. 505 is done. 506: as 501.
A=$(tenant "Reseller 501 Ltd")
B=$(tenant "Another name" partner ', "customer_id": "504"')
tenant "Reseller 506 Ltd" >/dev/null
orders 502 503 >two.csv
cp orders.csv all.csv && cp two.csv orders.csv
fault "SendActivationEmail:lost-after:count=2"
expect "two mails in doubt" 1 "$TENANTRY" run job.yaml --now $NOW
faults_off
says "the report names the decision" "tenantry decide OI-502 --resend-mail --job job.yaml"
cp all.csv orders.csv
expect "the others" 1 "$TENANTRY" run job.yaml --now $NOW
says "it counts what waits" "wait for a decision"
says "it names adopt, and the tenant" "tenantry decide OI-501 --adopt $A --job job.yaml"
says "and what ends it" "(not at all: tenantry decide OI-501 --skip --reason TEXT)"
check "501 is parked" test "$(state OI-501)" = "parked name-clash"
check "502 is parked" test "$(state OI-502)" = "parked mail-in-doubt"
check "504 is parked" test "$(state OI-504)" = "parked tenant-exists"
check "505 is done" test "$(state OI-505)" = "done "
expect "show parked as text" 0 "$TENANTRY" show parked --job job.yaml
says "with what settles each" "    tenantry decide OI-501 --adopt $A --job job.yaml"
says "on the tenant that is in its way" "    tenantry decide OI-504 --adopt $B --job job.yaml"
says "and what ends it" "    tenantry decide OI-504 --skip --reason TEXT --job job.yaml"
check "80 columns, but for commands" test "$(grep -v '^    tenantry ' "$WORK/out" | awk 'length($0) > 80' | wc -l)" = 0
expect "show parked" 0 "$TENANTRY" show parked --job job.yaml --json
check "it has five" field "$WORK/out" '.orders | length' 5

before=$(changes)
expect "no decision" 2 "$TENANTRY" decide OI-502 $JOB
says "with the order's own id" "tenantry decide OI-502 --adopt"
expect "two decisions" 2 "$TENANTRY" decide OI-502 --skip --resend-mail $JOB
expect "skip without a reason" 2 "$TENANTRY" decide OI-506 --skip $JOB
expect "an unknown order" 2 "$TENANTRY" decide OI-999 --skip --reason x $JOB
expect "an order that is done" 2 "$TENANTRY" decide OI-505 --skip --reason x $JOB
says "it says what it is" "is done, not parked"
says "and where it stands" "tenantry show OI-505 --job job.yaml"
expect "a mail for a name clash" 2 "$TENANTRY" decide OI-501 --resend-mail $JOB
says "it says what can be decided, ready to be given" "tenantry decide OI-501 --adopt $A --job job.yaml"
expect "adopt for a mail" 2 "$TENANTRY" decide OI-502 --adopt "$A" $JOB
expect "not an id" 2 "$TENANTRY" decide OI-501 --adopt acme $JOB
says "it says where the id stands" "tenantry show OI-501"
expect "an unknown tenant" 2 "$TENANTRY" decide OI-501 --adopt $UNKNOWN $JOB
says "it says that there is none" "there is no tenant"
expect "a tenant of another account" 2 "$TENANTRY" decide OI-501 --adopt "$(tenant_of OI-505)" $JOB
says "it names the account" "belongs to account 505"
C=$(tenant "A customer" customer)
expect "no partner" 2 "$TENANTRY" decide OI-501 --adopt "$C" $JOB
says "it says that it is none" "no partner"
D=$(tenant "Gone Ltd")
drift "{\"tenant\": \"$D\", \"delete\": true}"
expect "a deleted tenant" 2 "$TENANTRY" decide OI-501 --adopt "$D" $JOB
says "it says that it was deleted" "it was deleted"
drift "{\"tenant\": \"$B\", \"parent\": \"$A\"}"
expect "one that stands elsewhere" 2 "$TENANTRY" decide ORD-504 --adopt "$B" $JOB
says "it says where it must stand" "directly below our own"
drift "{\"tenant\": \"$B\", \"parent\": \"$(jq -r .run.parent "$(last_run)/run.json")\"}"
check "all of them are parked still" test "$("$TENANTRY" show parked --job job.yaml --json | jq '.orders | length')" = 5
check "nothing was decided" test "$("$TENANTRY" show OI-501 --job job.yaml --json | jq '.orders[0].decisions | length')" = 0

expect "adopt, by the name" 0 "$TENANTRY" decide OI-501 --adopt "$A" --reason "it is theirs" $JOB
expect "decided once" 2 "$TENANTRY" decide OI-501 --adopt "$A" $JOB
expect "adopt, by the order id" 0 "$TENANTRY" decide ORD-504 --adopt "$B" $JOB
expect "resend" 0 "$TENANTRY" decide OI-502 --resend-mail $JOB
expect "no mail" 0 "$TENANTRY" decide OI-503 --skip --reason "they have it" $JOB
expect "not at all, as JSON" 0 "$TENANTRY" decide OI-506 --skip --reason "ordered twice" --json $JOB
check "it says what becomes of it" field "$WORK/out" .state rejected
who=$(jq -r .by "$WORK/out")
made_before=$(made CreateTenant 201)
expect "the next night" 0 "$TENANTRY" run job.yaml --now $NOW
check "no tenant was made for what was adopted" test "$(made CreateTenant 201)" = "$made_before"
for n in 501 502 503 504; do check "$n is done" test "$(state OI-$n)" = "done "; done
check "501 has the adopted tenant" test "$(tenant_of OI-501)" = "$A"
check "504 has the adopted tenant" test "$(tenant_of OI-504)" = "$B"
check "501: one mail" test "$(mails admin@r501.example.com)" = 1
check "502: one more" test "$(mails admin@r502.example.com)" = 2
check "503: none more" test "$(mails admin@r503.example.com)" = 1
check "506 is decided" test "$(state OI-506)" = "rejected skipped"
check "506 is ignored as decided" field "$(last_run)/run.json" '.intake.ignored_by_reason.decided' 1
expect "and the night after" 0 "$TENANTRY" run job.yaml --now $NOW
check "no mail twice" test "$(made SendActivationEmail 204)" = "$(admin mails | jq '.mails | length')"
expect "show has the decision" 0 "$TENANTRY" show OI-506 --job job.yaml --json
check "what, why and who" field "$WORK/out" '.orders[0].decisions[0] | "\(.decision) \(.parked_as) \(.reason) \(.by)"' "skip name-clash ordered twice $who"
check "nothing but the mail and two orders was changed" test "$(changes)" -gt "$before"

# Several parked items of one order must be named.
sed 's/^ORD-511/ORD-510/' <(orders 511 512 | sed 's/^ORD-512/ORD-510/') >orders.csv
tenant "Reseller 511 Ltd" >/dev/null
tenant "Reseller 512 Ltd" >/dev/null
expect "two items parked" 1 "$TENANTRY" run job.yaml --now $NOW
run "$TENANTRY" reconcile job.yaml --now $NOW
check "they are stuck, and say since when they are parked" field "$(last_run)/run.json" '[.findings[] | select(.code == "order-stuck") | .sentence | contains("since 2026-11-20")] | "\(length) \(all)"' "2 true"
expect "and so in each night" 1 "$TENANTRY" run job.yaml --now $NOW --quiet
says "even when quiet" "2 orders wait for a decision"
expect "a run that touched none of them" 0 "$TENANTRY" retry last --include-parked --job job.yaml --now $NOW
says "names what is parked elsewhere" "2 orders of other runs are parked: tenantry show parked"
expect "an ambiguous order" 2 "$TENANTRY" decide ORD-510 --skip --reason x $JOB
says "it lists them" "OI-511 (name-clash), OI-512 (name-clash)"
expect "one of them" 0 "$TENANTRY" decide OI-512 --skip --reason x $JOB
expect "now it is one" 0 "$TENANTRY" decide ORD-510 --skip --reason x --quiet $JOB
silent "quiet says nothing"
finish
