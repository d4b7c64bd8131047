#!/usr/bin/env bash
# Answers that nobody can read (a page of a proxy, half an answer, wrong types) in the middle of the night: reads and the token call
# are made again like after a 503 and the night goes on; what changes something is never sent a second time on such an answer.
. "$(dirname "$0")/lib.sh"
cd "$WORK" || exit 2
READS="RequestTokens FetchClient FetchApplications FetchOfferingItemsAvailableForTenantChild FetchTenantsBatch FetchTenant
	FetchTenantPricingSettings FetchTenantApplicationSetting FetchTenantOfferingItems FetchTenantUsers FetchUserAccessPolicies"
# The sandbox sends Retry-After: 0, so that nothing waits; how long one waits without it is a matter of unit tests.
# faults KIND OPERATION...: --fault options
faults() {
	local kind=$1 call
	for call in "${@:2}"; do printf -- '--fault %s:%s:retry-after=0 ' "$call" "$kind"; done
}
fresh() {
	[[ -n ${SANDBOX_PID:-} ]] && stop_sandbox
	rm -rf var requests.ndjson
	start_sandbox "$@"
}
hits() { admin faults | jq '[.faults[] | select(.hits > 0)] | length'; }
orders 101 102 >orders.csv
write_job

for kind in html half-json no-object no-body wrong-types redirect cut-body; do
	# shellcheck disable=SC2046,SC2086
	fresh $(faults $kind $READS)
	expect "each read answered with $kind once" 0 "$TENANTRY" run job.yaml --now $NOW
	says "$kind: the night ends well" "all good"
	check "$kind: each read met it" test "$(hits)" = "$(wc -w <<<"$READS")"
	check "$kind: two tenants, two users, two mails" test "$(made CreateTenant) $(made CreateUser) $(made SendActivationEmail 204)" = "2 2 2"
done

# Without end: the night is given up, and says how often it was tried. retries: 5 of the job's default.
for call in RequestTokens FetchClient FetchTenantsBatch; do
	fresh --fault "$call:html:count=0:retry-after=0"
	expect "$call answered with pages only" 3 "$TENANTRY" run job.yaml --now $NOW
	says "$call: what came" "$call: 200, the answer is not JSON (text/html"
	says "$call: the tries are named" "(6 tries)"
	says "$call: what to look at" "check acronis.url"
	check "$call: nothing was made" test "$(made CreateTenant)" = 0
done
fresh --fault "RequestTokens:redirect:count=0:retry-after=0"
expect "another address answers with a redirection" 3 "$TENANTRY" run job.yaml --now $NOW
says "where it leads is said" "302, it leads to https://signin.example.com, and is not followed (6 tries)"

# Changes: made, and the answer unreadable. They are looked up, and made once.
for kind in html:commit=yes half-json no-object no-body redirect; do
	# shellcheck disable=SC2046
	fresh $(faults "$kind" CreateTenant CreateUser UpdateTenantApplicationSetting)
	expect "changes answered with $kind" 0 "$TENANTRY" run job.yaml --now $NOW
	check "$kind: each was made once" test "$(admin 'state?stable=1' | jq '[.tenants[] | select(.customer_id != null)] | length') $(made SendActivationEmail 204)" = "2 2"
done
stop_sandbox
finish
