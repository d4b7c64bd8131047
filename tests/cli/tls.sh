#!/usr/bin/env bash
# What the connection to Acronis insists on: a certificate for that host and TLS 1.2, whatever the machine's own settings allow.
# Each refusal stands beside a control that shows that the server would have served, so that it is our guard that refused.
. "$(dirname "$0")/lib.sh"
cd "$WORK" || exit 2
orders 101 >orders.csv
write_job 's|^  rate: 0|  rate: 0\n  retries: 0\n  ca_file: ca.pem|'
# A machine on which OpenSSL takes everything.
cat >weak.cnf <<-'CONF'
	openssl_conf = all
	[all]
	ssl_conf = tls
	[tls]
	system_default = weak
	[weak]
	MinProtocol = TLSv1
	CipherString = DEFAULT@SECLEVEL=0
CONF
tls() {
	rm -f requests.ndjson ca.pem
	start_sandbox --tls "$@" --ca-out "$WORK/ca.pem"
	URL=https://127.0.0.1:$(cat port)
	export TENANTRY_ACRONIS_URL=$URL
}
arrived() { if [[ -e requests.ndjson ]]; then wc -l <requests.ndjson; else echo 0; fi; }

tls --tls-host cloud.example.com
for command in check run; do
	expect "$command: a certificate for another host" 3 "$TENANTRY" $command job.yaml
	says "$command: it is the certificate" "certificate"
	says "$command: what to do about it" "for another host"
done
check "nothing arrived, no secret left" test "$(arrived)" = 0
expect "the control: for its own host it is good" 0 curl -sS --cacert ca.pem -o /dev/null \
	--resolve "cloud.example.com:$(cat port):127.0.0.1" "https://cloud.example.com:$(cat port)/api/2/applications"
stop_sandbox

export OPENSSL_CONF=$WORK/weak.cnf
tls --tls-version 1.1
for command in check run; do
	expect "$command: a server of TLS 1.1" 3 "$TENANTRY" $command job.yaml
	says "$command: the protocol is named" "protocol"
done
check "nothing arrived" test "$(arrived)" = 0
expect "the control: the machine would take it" 0 curl -sS --cacert ca.pem -o /dev/null "$URL/api/2/applications"
check "and it would arrive" test "$(arrived)" = 1
stop_sandbox
for version in 1.2 1.3; do
	tls --tls-version $version
	expect "TLS $version is taken" 0 "$TENANTRY" check job.yaml
	stop_sandbox
done
finish
