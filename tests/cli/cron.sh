#!/usr/bin/env bash
# The cron line as cron runs it: an empty environment, another working directory, no terminal. Silent when all is well.
. "$(dirname "$0")/lib.sh"
start_sandbox
cd "$WORK" || exit 2
orders 501 502 >orders.csv
write_job
mkdir -m 700 secrets
printf '%s\n' "$ACRONIS_CLIENT_ID" >secrets/id
printf '%s\n' "$ACRONIS_CLIENT_SECRET" >secrets/secret
chmod 600 secrets/*
sed -i "s|client_id: .*|client_id: {file: secrets/id}|; s|client_secret: .*|client_secret: {file: secrets/secret}|; s|url: .*|url: $URL|" job.yaml
cron_line() { env -i /bin/sh -c "cd / && $TENANTRY run $WORK/job.yaml --quiet $1"; }

run cron_line ""
check "a good night: exit status 0" test "$STATUS" = 0
silent "a good night is silent"
order 503 | sed 's/Boston//' >>orders.csv
run cron_line ""
check "a rejected order: exit status 1" test "$STATUS" = 1
says "it says why a person must look" "rejected"
says "it says where" "var/runs/"
check "it is short" test "$(cat "$WORK/out" "$WORK/err" | wc -l)" -le 8
check "no personal data in the mail" bash -c '! grep -q "r503.example.com\|Reseller 503" "$1" "$2"' _ "$WORK/out" "$WORK/err"
stop_sandbox
run cron_line ""
check "Acronis away: exit status 3" test "$STATUS" = 3
says "it says what to do" "hint:"
check "and the cause once" test "$(grep -c "Failed to connect" "$WORK/out" "$WORK/err" | awk -F: '{n += $2} END {print n}')" = 1

for unit in "$ROOT"/cron/*.service "$ROOT"/cron/*.timer; do
	copy=$WORK/$(basename "$unit")
	sed "s|/usr/local/bin/tenantry|$TENANTRY|; s|@BINDIR@/tenantry|$TENANTRY|; s|@bindir@/tenantry|$TENANTRY|" "$unit" >"$copy"
done
if command -v systemd-analyze >/dev/null; then
	expect "systemd-analyze verify" 0 systemd-analyze verify --man=no "$WORK"/tenantry*.service "$WORK"/tenantry*.timer
	run systemd-analyze security --offline=true --threshold=30 "$WORK"/tenantry*.service
	check "systemd-analyze security: exposure below 3" test "$STATUS" = 0
fi
finish
