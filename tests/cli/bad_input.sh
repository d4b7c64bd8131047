#!/usr/bin/env bash
# Bad input, one by one: the exit status is the documented one, the message says where and what to do, nothing half-written stays.
. "$(dirname "$0")/lib.sh"
start_sandbox
cd "$WORK" || exit 2
orders 601 602 >good.csv
cp good.csv orders.csv
write_job
cp job.yaml good.yaml

# bad NAME STATUS TEXT: the run in its present state
bad() {
	expect "$1" "$2" "$TENANTRY" run job.yaml --now $NOW
	says "$1: says \"$3\"" "$3"
	no_leftovers "$1: nothing half-written" "$WORK/var"
}
# ---- order files
rm orders.csv && bad "missing orders" 3 "orders.csv"
mkdir orders.csv && bad "a directory" 3 "directory" && rmdir orders.csv
: >orders.csv && bad "an empty file" 3 "empty"
head -c 4096 /bin/true >orders.csv && bad "a binary file" 3 "orders.csv"
cut -d, -f2- good.csv >orders.csv && bad "a needed column is missing" 3 "Order Id"
echo "$ORDER_HEADER" >orders.csv
expect "header only" 0 "$TENANTRY" run job.yaml --now $NOW
check "nothing was made so far" test "$(made CreateTenant)" = 0

{ cat good.csv; echo 'ORD-1,too,few'; } >orders.csv
bad "too few fields" 1 "rejected"
check "too few fields: line and code" grep -q 'row-malformed' "$(last_run)/rejected.csv"
check "the good rows were done all the same" test "$(made CreateTenant 201)" = 2
{ cat good.csv; order 603 | sed 's/$/,,,extra/'; } >orders.csv && bad "too many fields" 1 "rejected"
{ echo "$ORDER_HEADER"; order 604 | sed 's/Boston/"Boston/'; order 605; } >orders.csv
bad "an open quote" 1 "rejected"
check "an open quote does not swallow its neighbour" grep -q ORD-605 "$(last_run)/accepted.csv"
{ cat good.csv; order 606 | sed 's/Boston/"Boston/'; } >orders.csv && bad "an open quote at the end" 1 "rejected"
{ cat good.csv; order 607 | sed 's/Boston/Bos\x00ton/'; } >orders.csv && bad "a NUL byte" 1 "rejected"
{ cat good.csv; order 608 | sed 's/Boston/K\xf6ln/'; } >orders.csv && bad "invalid UTF-8" 1 "rejected"
check "invalid UTF-8: its code" grep -aq 'encoding-invalid' "$(last_run)/rejected.csv"
{ cat good.csv; order 609 | sed "s/Boston/$(head -c 100000 /dev/zero | tr '\0' x)/"; } >orders.csv
{ echo "$ORDER_HEADER"; printf '%s' "$(order 610 | sed 's/Boston.*//')"; head -c 1048576 /dev/zero | tr '\0' y; echo ',,02110,US,true,,'; order 611; } >orders.csv
bad "a field of 1 MiB" 1 "rejected"
check "a field of 1 MiB: its code" grep -aq 'field-too-long' "$(last_run)/rejected.csv"
check "its neighbour was accepted" grep -q ORD-611 "$(last_run)/accepted.csv"
cp good.csv orders.csv

# ---- the job file
job() { cp good.yaml job.yaml; sed -i "$1" job.yaml; }
bad_job() {
	job "$2"
	expect "$1" 2 "$TENANTRY" run job.yaml --now $NOW
	says "$1: says \"$3\"" "$3"
	check "$1: file and line" grep -qE 'job.yaml:[0-9]+' "$WORK/err"
}
bad_job "an unknown key" 's/licensing_mode:/licencing_mode:/' "licensing_mode"
bad_job "a wrong type" 's/rate: 0/rate: many/' "rate"
bad_job "a key twice" 's/^ledger: .*/ledger: a.db\nledger: b.db/' "ledger"
bad_job "a literal secret" 's/client_secret: .*/client_secret: hunter2-hunter2/' "{env:"
check "a literal secret is not repeated" bash -c '! grep -q hunter2 "$1"' _ "$WORK/err"
bad_job "two sold tiers on one value" 's/acronis: 1,/acronis: 0,/' "Tier 2"
bad_job "a tier without a value" 's/acronis: 1, //' "acronis"
bad_job "several faults" 's/rate: 0/rate: many/; s/licensing_mode:/licencing_mode:/; s/acronis: 1, //' "rate: expected"
says "several faults: the second" "did you mean licensing_mode"
says "several faults: one in a list" "missing key contract.tiers[].acronis"
bad_job "an anchor in a loop" 's/^bss:/bss: \&loop\n  again: *loop/' "job.yaml"
: >job.yaml
expect "an empty job" 2 "$TENANTRY" run job.yaml
expect "a missing job" 2 "$TENANTRY" run no-such.yaml
says "a missing job: its name" "no-such.yaml"
printf '%s' "$ACRONIS_CLIENT_SECRET" >secret.txt
chmod 644 secret.txt
job 's/client_secret: .*/client_secret: {file: secret.txt}/'
expect "a secret that others can read" 2 "$TENANTRY" run job.yaml --now $NOW
says "it says what to do" "chmod 600"
job 's/client_secret: .*/client_secret: {env: NO_SUCH_VARIABLE}/'
expect "a secret that is not there" 2 "$TENANTRY" run job.yaml --now $NOW
says "it names the variable" "NO_SUCH_VARIABLE"

# ---- an order for a tier that the table does not have
job 's/.*name: Tier 2.*//'
{ echo "$ORDER_HEADER"; order 620 | sed 's/CCSP-T1,Tier 1/CCSP-T2,Tier 2/'; } >orders.csv
bad "an unmapped tier" 1 "rejected"
cp good.csv orders.csv

# ---- output
cp good.yaml job.yaml
if ! unshare -m true 2>/dev/null; then
	echo "# no mount namespace to be had here: a full disk is not tried"
else
	# A small file system of its own, in a mount namespace that ends with the test.
	expect "a full disk" 3 unshare -m bash -c "mkdir -p full && mount -t tmpfs -o size=64k none full && head -c 40000 /dev/zero >full/ballast && \
		sed 's|output: .*|output: full/runs|' job.yaml >full.yaml && '$TENANTRY' run full.yaml --now $NOW; s=\$?; \
		test -z \"\$(find full -name '*.tmp')\" || exit 99; exit \$s"
	says "a full disk: says so" "No space left"
fi
sed 's|output: .*|output: /proc/tenantry|' good.yaml >job.yaml
expect "an output that cannot be written" 3 "$TENANTRY" run job.yaml --now $NOW
says "it says where" "/proc/tenantry"

# ---- the ledger
cp good.yaml job.yaml
expect "a good night for a plan" 0 "$TENANTRY" run job.yaml --now $NOW
cp var/test.db ledger.keep
made_before=$(made CreateTenant)
# ledger NAME TEXT: with the ledger as it is now nothing can be done, and it stays as it is
ledger() {
	sha256sum var/test.db >ledger.sum
	expect "$1" 3 "$TENANTRY" run job.yaml --now $NOW
	says "$1: says \"$2\"" "$2"
	expect "$1: show" 3 "$TENANTRY" show last --job job.yaml
	check "$1: it is left as it was" sha256sum -c ledger.sum
	rm -f var/test.db-wal var/test.db-shm
	cp ledger.keep var/test.db
}
sqlite3 var/test.db 'PRAGMA user_version = 70'
ledger "a ledger of a newer version" "newer tenantry"
dd if=/dev/urandom of=var/test.db bs=4096 count=4 seek=1 conv=notrunc status=none
ledger "a ledger that is damaged" "var/test.db"
head -c 9000 ledger.keep >var/test.db
ledger "a ledger that was cut" "var/test.db"
echo "not a database, and more than a few bytes of it" >var/test.db
ledger "a ledger that is none" "var/test.db"
if unshare -m true 2>/dev/null; then
	order 631 >>orders.csv
	expect "a ledger on a full disk" 3 unshare -m bash -c "mkdir -p small && mount -t tmpfs -o size=400k none small && cp ledger.keep small/test.db && \
		sed 's|ledger: .*|ledger: small/test.db|' job.yaml >small.yaml && head -c 1000000 /dev/zero >small/ballast 2>/dev/null; '$TENANTRY' run small.yaml --now $NOW"
	says "a ledger on a full disk: says so" "no space left"
	cp good.csv orders.csv
fi
check "with none of them anything was changed" test "$(made CreateTenant)" = "$made_before"

# ---- plans
order 632 >>orders.csv
"$TENANTRY" plan job.yaml --now $NOW -o plan.json >/dev/null 2>&1
sed 's/"to_do": 1/"to_do": 2/; s/Reseller 632/Reseller 633/' plan.json >edited.json
expect "a plan that was edited" 2 "$TENANTRY" apply edited.json --now $NOW
sed 's/^name: test/name: other/; s|ledger: .*|ledger: var/other.db|' good.yaml >other.yaml
expect "a plan of another job" 5 "$TENANTRY" apply other.yaml plan.json --now $NOW
says "a plan of another job: a new plan is wanted" "make a new plan"
check "neither changed anything" test "$(made CreateTenant)" = "$made_before"
cp good.csv orders.csv

# ---- Acronis
cp good.yaml job.yaml
expect "a wrong client secret" 3 env ACRONIS_CLIENT_SECRET=wrong-wrong-wrong "$TENANTRY" run job.yaml --now $NOW
says "it names the keys" "client_secret"
sed "s/^  rate: 0/  rate: 0\n  retries: 1/" job.yaml >brief.yaml
expect "nobody there" 3 env TENANTRY_ACRONIS_URL=http://127.0.0.1:9 "$TENANTRY" run brief.yaml --now $NOW
says "nobody there: the address" "127.0.0.1 port 9"
admin faults -X POST -H 'Content-Type: application/json' -d '{"add": ["FetchClient:html:count=0:retry-after=0"]}' >/dev/null
expect "a server that speaks HTML" 3 "$TENANTRY" run job.yaml --now $NOW
faults_off
admin faults -X POST -H 'Content-Type: application/json' -d '{"add": ["FetchTenantsBatch:wrong-types:count=0:retry-after=0"]}' >/dev/null
expect "wrong types" 3 "$TENANTRY" run job.yaml --now $NOW
faults_off
sed 's|http://127.0.0.1|http://cloud.example.com|' good.yaml >job.yaml
expect "plain http to a stranger" 2 env TENANTRY_ACRONIS_URL=http://cloud.example.com "$TENANTRY" run good.yaml
cp good.yaml job.yaml
expect "after all that: a good night" 0 "$TENANTRY" run job.yaml --now $NOW
stop_sandbox

start_sandbox --tls --ca-out "$WORK/ca.pem"
expect "a CA that is not trusted" 3 "$TENANTRY" check job.yaml
sed "s|  client_id:|  ca_file: ca.pem\n  client_id:|" good.yaml >job.yaml
expect "its CA given" 0 "$TENANTRY" check job.yaml
stop_sandbox
start_sandbox --tls --tls-expired --ca-out "$WORK/ca.pem"
expect "an expired certificate" 3 "$TENANTRY" check job.yaml
says "it says so" "certificate"
finish
