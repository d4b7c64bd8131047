#!/usr/bin/env bash
# Two nights against the local sandbox: the first provisions November's orders and reports, the second finds only drift.
# Everything happens below var/demo (or DEMO), on the loopback address; nothing is installed, nothing outside is called.
set -eu
cd "$(dirname "$0")/.."
build=${BUILD:-build/release}
demo=${DEMO:-var/demo}
rm -rf "$demo"
mkdir -p "$demo/bss"
export ACRONIS_CLIENT_ID=7d1b4c02-5a3e-4f86-9c1d-0e2f3a4b5c6d
export ACRONIS_CLIENT_SECRET=rehearsal-secret-0123456789

say() { printf '\n\033[1m%s\033[0m\n' "$*"; }
show() { printf '\033[2m$ %s\033[0m\n' "$*"; }
[ -t 1 ] || { say() { printf '\n%s\n' "$*"; }; show() { printf '$ %s\n' "$*"; }; }

# The sandbox stands in for the Acronis cloud: the distributor's tenants of before, with drift of every class.
"$build/tenantry-sandbox" --port 0 --port-file "$demo/port" --seed samples/sandbox-seed.json --tls --ca-out "$demo/ca.pem" \
	--client-id "$ACRONIS_CLIENT_ID" --client-secret "$ACRONIS_CLIENT_SECRET" --request-log "$demo/requests.ndjson" \
	--state "$demo/sandbox.db" --latency 5ms --quiet &
sandbox=$!
trap 'kill $sandbox 2>/dev/null; wait $sandbox 2>/dev/null || true' EXIT
while [ ! -s "$demo/port" ]; do
	kill -0 $sandbox 2>/dev/null || { echo "the sandbox did not start" >&2; exit 3; }
	sleep 0.05
done
# The kernel gave the port, so the job file of this demo is the one in jobs/ with its real address; its orders come from a folder of
# its own, for the second night has one more file.
sed "s|127.0.0.1:8443|127.0.0.1:$(cat "$demo/port")|; s|^root: .*|root: $PWD|; s|samples/orders|$demo/bss/orders|; s|var/demo|$demo|" \
	jobs/demo.yaml >"$demo/demo.yaml"

night() {
	local status=0
	show "tenantry run $demo/demo.yaml --now $1"
	"$build/tenantry" run "$demo/demo.yaml" --now "$1" || status=$?
	[ "$status" -le 1 ] || { echo "the night ended with exit status $status" >&2; exit "$status"; }
	return 0
}

cp samples/subscriptions.csv samples/orders*.csv "$demo/bss/"
say "The first night: November's orders become tenants"
night 2026-11-20T01:30:00Z
first=$(find "$demo/runs" -mindepth 1 -maxdepth 1 -type d | sort | tail -1)

# In the morning the BSS imports what Tenantry wrote: all but the last line, which somebody forgot.
head -n -1 "$first/subscriptions-import.csv" >"$demo/bss/subscriptions-imported.csv"

# The next export lacks an order that was done, and a new one carries the id of its item: it is told, never taken for the one that
# was done.
grep -v '^ORD-26110001,' samples/orders-storefront.csv >"$demo/bss/orders-storefront.csv"
cp samples/late-order.csv "$demo/bss/orders-late.csv"

say "The second night: nothing is made twice, only drift is left"
night 2026-11-21T01:30:00Z
second=$(find "$demo/runs" -mindepth 1 -maxdepth 1 -type d | sort | tail -1)
made=$(grep -c '"CreateTenant"' "$demo/requests.ndjson" || true)

say "Where to look"
cat <<TXT
  $first/report.html      the first night, for people
  $second/report.html      the second night
  $first/rejected.csv     orders that break a rule, with the reasons
  $second/findings.csv     every difference, with the money at stake
  $demo/runs/index.html                   all nights
  $demo/requests.ndjson                   every request the sandbox answered ($made tenants were made, all in the first night)

  $build/tenantry runs --job $demo/demo.yaml
  $build/tenantry show 2040 --job $demo/demo.yaml     an order that waits for a decision
  $build/tenantry show last --job $demo/demo.yaml

The sandbox has ended. To go on by hand, with the commands under "What to do next" as they stand:
  export PATH=$(cd "$build" && pwd):\$PATH ACRONIS_CLIENT_ID=$ACRONIS_CLIENT_ID ACRONIS_CLIENT_SECRET=$ACRONIS_CLIENT_SECRET
  tenantry-sandbox --port $(cat "$demo/port") --tls --ca-out $demo/ca.pem --state $demo/sandbox.db --quiet &
TXT
