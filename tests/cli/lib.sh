# Shared by the whole-program tests: a fresh folder, a sandbox of one's own, and checks that say what they saw.
# Each test script sources this first; the folder and every process it started are gone at its end.
# shellcheck shell=bash disable=SC2034
set -u
ROOT=${TENANTRY_ROOT:-$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)}
BUILD=${BUILD:-$ROOT/build/release}
[[ $BUILD = /* ]] || BUILD=$ROOT/$BUILD
WORK=$(mktemp -d "${TMPDIR:-/tmp}/tenantry-cli.XXXXXX")
PASSED=0 FAILED=0 PIDS=()
TENANTRY=$BUILD/tenantry
SANDBOX=$BUILD/tenantry-sandbox
export ACRONIS_CLIENT_SECRET=rehearsal-secret-0123456789 ACRONIS_CLIENT_ID=7d1b4c02-5a3e-4f86-9c1d-0e2f3a4b5c6d
unset TENANTRY_JOB NO_COLOR

cleanup() {
	local pid
	for pid in "${PIDS[@]}"; do kill "$pid" 2>/dev/null; done
	for pid in "${PIDS[@]}"; do wait "$pid" 2>/dev/null; done
	[[ -n ${KEEP:-} ]] && echo "kept $WORK" || rm -rf "$WORK"
}
trap cleanup EXIT

ok() { echo "ok $1"; ((PASSED++)) || true; }
not_ok() {
	echo "not ok $1"
	((FAILED++)) || true
	shift
	printf '    %s\n' "$@"
}
# check NAME CONDITION...: the condition is a command
check() {
	local name=$1
	shift
	if "$@" >/dev/null; then ok "$name"; else not_ok "$name" "$*" "status: ${STATUS:-}" "$(head -c 1500 "$WORK/out" 2>/dev/null)" "$(head -c 1500 "$WORK/err" 2>/dev/null)"; fi
}
# run COMMAND...: output in $WORK/out, $WORK/err, status in STATUS
run() {
	"$@" >"$WORK/out" 2>"$WORK/err" </dev/null
	STATUS=$?
}
# expect NAME STATUS COMMAND...
expect() {
	local name=$1 wanted=$2
	shift 2
	run "$@"
	check "$name: exit status $wanted" test "$STATUS" -eq "$wanted"
}
says() { check "$1" grep -qF -- "$2" "$WORK/out" "$WORK/err"; }
silent() { check "$1" test ! -s "$WORK/out" -a ! -s "$WORK/err"; }
# No temporary file of ours anywhere below a folder
no_leftovers() { check "$1" test -z "$(find "$2" -name '*.tmp' 2>/dev/null)"; }
finish() {
	echo "$PASSED passed, $FAILED failed"
	((FAILED == 0))
	exit
}

# wait_for FILE [PID]: until it is there with content (or the process is gone, or 20 s)
wait_for() {
	local n
	for ((n = 0; n < 1000; n++)); do
		[[ -s $1 ]] && return 0
		[[ -n ${2:-} ]] && ! kill -0 "$2" 2>/dev/null && return 1
		read -rt 0.02 <> <(:) || true
	done
	return 1
}
# start_sandbox [OPTIONS...]: URL, SANDBOX_PID
start_sandbox() {
	rm -f "$WORK/port"
	"$SANDBOX" --port 0 --port-file "$WORK/port" --client-id "$ACRONIS_CLIENT_ID" --client-secret "$ACRONIS_CLIENT_SECRET" \
		--request-log "$WORK/requests.ndjson" --quiet "$@" >"$WORK/sandbox.log" 2>&1 </dev/null &
	SANDBOX_PID=$!
	PIDS+=("$SANDBOX_PID")
	if ! wait_for "$WORK/port" "$SANDBOX_PID"; then
		not_ok "the sandbox starts" "$(cat "$WORK/sandbox.log")"
		finish
	fi
	URL=http://127.0.0.1:$(cat "$WORK/port")
	[[ " $* " == *" --tls "* ]] && URL=https://127.0.0.1:$(cat "$WORK/port")
	export TENANTRY_ACRONIS_URL=$URL
}
stop_sandbox() {
	kill "$SANDBOX_PID" 2>/dev/null
	wait "$SANDBOX_PID" 2>/dev/null
}
faults_off() { admin faults -X POST -H 'Content-Type: application/json' -d '{"clear": true}' >/dev/null; }
admin() { curl -sS "$URL/admin/$1" "${@:2}"; }
# count_requests METHOD: how many requests of that method the sandbox has logged
changes() { grep -cE '"method": ?"(POST|PUT|DELETE)"' "$WORK/requests.ndjson" | tr -d '\n'; }

ORDER_HEADER='Order Id,Order Item Id,Order Date,Order Status,Channel,Action,Account Id,Account,Is Reseller,End Customer Id,Product Code,Tier,Quantity,Currency,Email,Username,First Name,Last Name,Phone,Address 1,Address 2,City,Region,Post Code,Country Code,Terms Accepted,Subscription Id,Start Date'
SUBSCRIPTION_HEADER='Subscription Id,Subscription External Id,Account Id,Account,Username,Product Code,Tier,Status,Quantity,Currency,Start Date,End Date,Ramp Up Months,Is Trial,Provisioning Sync Status,Updated At'
# order N: a good new order of account N
order() {
	echo "ORD-$1,OI-$1,2026-11-18,Submitted,Storefront,new,$1,Reseller $1 Ltd,true,,CCSP-T1,Tier 1,1,USD,admin@r$1.example.com,,Ann,Lee,+1 555 0100,$1 Main Street,,Boston,,02110,US,true,,"
}
orders() {
	local n
	echo "$ORDER_HEADER"
	for n; do order "$n"; done
}
# write_job [SED EXPRESSION...]: $WORK/job.yaml over $WORK/orders.csv and $WORK/subscriptions.csv
write_job() {
	[[ -e $WORK/subscriptions.csv ]] || echo "$SUBSCRIPTION_HEADER" >"$WORK/subscriptions.csv"
	cat >"$WORK/job.yaml" <<-JOB
		name: test
		root: $WORK
		steps: [validate, provision, reconcile, report]
		ledger: var/test.db
		output: var/runs
		bss:
		  name: main
		  orders: {csv: orders.csv}
		  subscriptions: {csv: subscriptions.csv}
		acronis:
		  url: {env: TENANTRY_ACRONIS_URL}
		  client_id: {env: ACRONIS_CLIENT_ID}
		  client_secret: {env: ACRONIS_CLIENT_SECRET}
		  parent: auto
		  rate: 0
		  timeout: 10s
		  settle: 20ms
		contract:
		  licensing_mode: per_gb
		  offering_items: all
		  tiers:
		    - {name: Tier 0, product: CCSP-T0, acronis: -1, commitment: {USD: 0}}
		    - {name: Tier 1, product: CCSP-T1, acronis: 0, commitment: {USD: 250}}
		    - {name: Tier 2, product: CCSP-T2, acronis: 1, commitment: {USD: 500}}
		    - {name: Promo, product: CCSP-PROMO, acronis: -1, commitment: {USD: 99}, sold: false}
		reconcile:
		  min_coverage: 95%
		report: {formats: [html, xlsx, csv, json]}
	JOB
	local expression
	for expression; do sed -i "$expression" "$WORK/job.yaml"; done
}
# The newest run folder
last_run() { find "$WORK/var/runs" -mindepth 1 -maxdepth 1 -type d -printf '%T@ %p\n' 2>/dev/null | sort -n | tail -1 | cut -d' ' -f2-; }
NOW=2026-11-20T01:30:00Z
# made OPERATION [STATUS]: requests of this operation that the sandbox answered (with this status)
made() { jq -s --arg op "$1" --arg st "${2:-}" '[.[] | select(.operation == $op and ($st == "" or (.status | tostring) == $st))] | length' "$WORK/requests.ndjson"; }
# until_made OPERATION N: until the sandbox has been asked for it N times
until_made() {
	local n
	for ((n = 0; n < 1000; n++)); do
		(($(made "$1") >= $2)) && return 0
		read -rt 0.01 <> <(:) || true
	done
	return 1
}
# field FILE FILTER VALUE: jq says so
field() { test "$(jq -r "$2" "$1" 2>/dev/null)" = "$3"; }
# The counts of a run close: read = accepted + rejected + ignored, planned = done + failed + parked + deferred + not started
counts_close() {
	jq -e '(.counts.intake // .intake) as $i | (.counts.provision // .provision) as $p |
		($i == null or $i.read == $i.accepted + $i.rejected + $i.ignored) and
		($p == null or $p.planned == $p.done + $p.failed + $p.parked + $p.deferred + $p.not_started)' "$1" >/dev/null
}
