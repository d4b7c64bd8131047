#!/usr/bin/env bash
# Logins are not read for everybody every night: what was found about one stays open until it was read again.
. "$(dirname "$0")/lib.sh"
cat >"$WORK/seed.json" <<-'SEED'
	{"tenants": [
	{"id": "00000001-1111-4111-8111-111111111111", "name": "Reseller 1 Ltd", "kind": "partner", "customer_id": "1", "tier": 0,
	 "licensing_mode": "per_gb", "offering_items": "all", "pricing": {"mode": "production", "currency": "USD"},
	 "users": [{"login": "somebody@else.example.com", "activated": true, "roles": ["partner_admin"]}]}]}
SEED
start_sandbox --seed "$WORK/seed.json" --now $NOW
cd "$WORK" || exit 2
echo "$ORDER_HEADER" >orders.csv
{
	echo "$SUBSCRIPTION_HEADER"
	echo "S-1,00000001-1111-4111-8111-111111111111,1,Reseller 1 Ltd,admin@r1.example.com,CCSP-T1,Tier 1,Active,1,USD,2026-01-01,,,false,,2026-11-19T01:00:00Z"
} >subscriptions.csv
write_job 's/timeout: 10s/timeout: 1s\n  retries: 1/' 's/^reconcile:/reconcile:\n  users: all/'
# logins RUN: open findings about logins, compared, not read
logins() { jq -r '"\([.findings[] | select(.code == "login-mismatch")] | length) \(.reconciliation.coverage.logins_compared) \(.reconciliation.coverage.logins_unread) \(.reconciliation.resolved)"' "$(last_run)/run.json"; }

expect "the login differs" 0 "$TENANTRY" reconcile job.yaml --now $NOW
check "it is found" test "$(logins)" = "1 1 0 0"

admin faults -X POST -H 'Content-Type: application/json' -d '{"add": ["FetchUsersBatch:500:count=0"]}' >/dev/null
expect "users cannot be read" 1 "$TENANTRY" reconcile job.yaml --now $NOW
check "the finding stays" test "$(logins)" = "1 0 1 0"
says "it is said aloud" "logins not read for 1 tenant"
says "and in the verdict" "1 login not read"
check "the HTML says it too" grep -q "logins not read for" "$(last_run)/report.html"
# What could not be read is no match: nobody signs it off.
sign() { expect "$1" "$2" "$TENANTRY" sign last --preparer "Ann Lee" --job job.yaml --now 2026-11-20T09:00:00Z; }
signatures() { sqlite3 var/test.db 'SELECT count(*) FROM signatures'; }
sign "a night with unread logins" 1
says "it says what stands against it" "1 login(s) could not be read: compare again"
check "nothing else does" test "$(cat "$WORK/out" "$WORK/err" | grep -c '^  - ')" = 1
check "nothing was signed" test "$(signatures)" = 0
faults_off
expect "when they are read" 0 "$TENANTRY" reconcile job.yaml --now $NOW
sign "the same night read whole" 0
check "it is signed" test "$(signatures)" = 1

# Only accounts with orders or findings: this one has its login's finding alone.
sed -i 's/users: all/users: findings/' job.yaml
expect "with users: findings" 0 "$TENANTRY" reconcile job.yaml --now $NOW
check "the login is read because of its open finding" test "$(logins)" = "1 1 0 0"
sed -i 's/admin@r1.example.com/somebody@else.example.com/' subscriptions.csv
expect "the BSS was corrected" 0 "$TENANTRY" reconcile job.yaml --now $NOW
check "it is resolved when the login was read" test "$(logins)" = "0 1 0 1"
finish
