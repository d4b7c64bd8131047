# A PostgreSQL of a test's own: its cluster lies in the test's folder, listens on a socket there and on a port that the kernel gave,
# with TLS, and is gone at the test's end. Sourced after lib.sh.
# shellcheck shell=bash disable=SC2034
PG_BIN=
for folder in "$(pg_config --bindir 2>/dev/null)" /usr/lib/postgresql/*/bin; do
	[[ -x $folder/initdb && -x $folder/postgres ]] && PG_BIN=$folder
done
if [[ -z $PG_BIN ]]; then
	echo "ok SKIPPED: no PostgreSQL server programs here, and make check could not install them (package postgresql)"
	finish
fi
PG_DIR=$WORK/pg PG_DATA=$WORK/pg/data
unset PGHOST PGPORT PGUSER PGDATABASE PGPASSWORD PGSSLMODE PGSERVICE PGSSLROOTCERT PGOPTIONS

# initdb and postgres refuse root: then everything of the server's is done as the user postgres.
as_server() { if [[ $(id -u) -eq 0 ]]; then runuser -u postgres -- "$@"; else "$@"; fi; }
pg_ctl() { as_server "$PG_BIN/pg_ctl" -D "$PG_DATA" -s "$@" >/dev/null 2>&1; }
pg_kill() { # as a power cut: no farewell to anybody
	local pid
	pid=$(head -1 "$PG_DATA/postmaster.pid" 2>/dev/null) || return 0
	pg_ctl stop -m immediate
	while kill -0 "$pid" 2>/dev/null; do read -rt 0.02 <> <(:) || true; done
}
pg_up() {
	pg_ctl start -w -t 30 -l "$PG_DIR/log" && return 0
	not_ok "PostgreSQL starts" "$(tail -5 "$PG_DIR/log")"
	finish
}
pg_cleanup() { [[ -s $PG_DATA/postmaster.pid ]] && pg_ctl stop -m immediate; cleanup; }
trap pg_cleanup EXIT

# A certificate for localhost by an authority of the test's own: $WORK/pg-ca.pem
pg_certificate() {
	{
		openssl req -x509 -newkey rsa:2048 -nodes -days 2 -subj "/CN=Test CA" -keyout "$WORK/pg-ca.key" -out "$WORK/pg-ca.pem"
		openssl req -newkey rsa:2048 -nodes -subj /CN=localhost -keyout "$PG_DIR/server.key" -out "$PG_DIR/server.csr"
		openssl x509 -req -in "$PG_DIR/server.csr" -CA "$WORK/pg-ca.pem" -CAkey "$WORK/pg-ca.key" -CAcreateserial -days 2 \
			-extfile <(echo subjectAltName=DNS:localhost) -out "$PG_DIR/server.crt"
	} 2>/dev/null
	chmod 600 "$PG_DIR/server.key"
}
# pg_start [SETTING=VALUE...]: PG_PORT, PG_SOCKET; users postgres (socket, no password), tenantry and reader (password "rehearsal").
pg_start() {
	local setting tries
	chmod 711 "$WORK"
	mkdir -p "$PG_DIR"
	pg_certificate
	[[ $(id -u) -eq 0 ]] && chown -R postgres "$PG_DIR"
	as_server "$PG_BIN/initdb" -D "$PG_DATA" -U postgres -A trust -E UTF8 --locale=C.UTF-8 --no-sync >"$WORK/initdb.log" 2>&1 ||
		{ not_ok "initdb" "$(tail -5 "$WORK/initdb.log")"; finish; }
	as_server tee "$PG_DATA/pg_hba.conf" >/dev/null <<-HBA
		local all all trust
		hostssl all all 127.0.0.1/32 scram-sha-256
		hostnossl all all 127.0.0.1/32 scram-sha-256
	HBA
	PG_SOCKET=$PG_DIR
	for ((tries = 0; tries < 5; tries++)); do
		PG_PORT=$("$PROXY" --free-port)
		as_server tee "$PG_DATA/postgresql.auto.conf" >/dev/null <<-CONF
			listen_addresses = '127.0.0.1'
			port = $PG_PORT
			unix_socket_directories = '$PG_DIR'
			ssl = on
			ssl_cert_file = '$PG_DIR/server.crt'
			ssl_key_file = '$PG_DIR/server.key'
			fsync = off
			shared_buffers = 32MB
			max_connections = 20
			$(for setting; do echo "${setting%%=*} = ${setting#*=}"; done)
		CONF
		pg_ctl start -w -t 30 -l "$PG_DIR/log" && break
		((tries == 4)) && pg_up
	done
	sql postgres -c "create role tenantry login password 'rehearsal'" -c "create role reader login password 'rehearsal'"
}
# sql DATABASE ARGUMENTS...: psql as the superuser, over the socket; results bare
sql() { psql -X -qAt -v ON_ERROR_STOP=1 -h "$PG_SOCKET" -p "$PG_PORT" -U postgres -d "$@"; }
# The sample BSS; pg_bss NAME [SQL...]: a database with schema and seed
pg_bss() {
	local name=$1
	shift
	sql postgres -c "create database $name"
	sql "$name" -f "$ROOT/samples/bss/schema.sql" -f "$ROOT/samples/bss/seed.sql" >/dev/null
	export BSS_CONNINFO="host=$PG_SOCKET port=$PG_PORT dbname=$name user=tenantry"
}
# An empty BSS with orders N...: pg_orders NAME N...
pg_orders() {
	local name=$1 n
	shift
	sql postgres -c "create database $name"
	sql "$name" -f "$ROOT/samples/bss/schema.sql" >/dev/null
	sql "$name" <<-SQL
		insert into bss_product (code, name, product_type_code, tier_code) values
			('CCSP-T0', 'Tier 0', 'CCSP', 'Tier 0'), ('CCSP-T1', 'Tier 1', 'CCSP', 'Tier 1'), ('CCSP-T2', 'Tier 2', 'CCSP', 'Tier 2');
	SQL
	for n; do pg_add_order "$name" "$n"; done
	export BSS_CONNINFO="host=$PG_SOCKET port=$PG_PORT dbname=$name user=tenantry"
}
pg_add_order() {
	sql "$1" <<-SQL
		insert into bss_account (account_id, name, email, is_reseller, currency, contact_first_name, contact_last_name, phone)
			values ($2, 'Reseller $2 Ltd', 'admin@r$2.example.com', true, 'USD', 'Ann', 'Lee', '+1 555 0100') on conflict do nothing;
		insert into bss_account_address (account_id, is_billing, address1, city, post_code, country_code)
			values ($2, true, '$2 Main Street', 'Boston', '02110', 'US') on conflict do nothing;
		insert into bss_order (order_id, order_date, account_id, status_name, storefront_type, currency, terms_accepted)
			values ('ORD-$2', '2026-11-18', $2, 'Submitted', 'Storefront', 'USD', true);
		insert into bss_order_item (order_item_id, order_id, product_id, tier_code, action)
			select 'OI-$2', 'ORD-$2', product_id, tier_code, 'new' from bss_product where code = 'CCSP-T1';
	SQL
}
# The job of lib.sh over the database in BSS_CONNINFO
write_pg_job() {
	write_job "s|orders: {csv: orders.csv}|orders: {database: pending_orders}|" \
		"s|subscriptions: {csv: subscriptions.csv}|subscriptions: {database: subscriptions}\n  database: {env: BSS_CONNINFO}\n  retries: 0|" "$@"
}
# The job with the demo's tiers, so that the samples mean something: month OUTPUT [SED...], with newest OUTPUT as its last run
month() {
	local output=$1
	shift
	write_job "$@"
	sed -i -e '/^  tiers:/,/sold: false/d' -e "s|^output: .*|output: $output|" -e "s|^ledger: .*|ledger: $output.db|" job.yaml
	sed -i "/offering_items: all/r /dev/stdin" job.yaml < <(sed -n '/^  tiers:/,/^$/p' "$ROOT/jobs/demo.yaml")
}
newest() { find "$1" -mindepth 1 -maxdepth 1 -type d | sort | tail -1; }
# start_proxy OPTIONS...: PROXY_PORT; what stands between us and the server, and can be told to break it
start_proxy() {
	rm -f "$WORK/proxy-port"
	"$PROXY" --port-file "$WORK/proxy-port" --target "127.0.0.1:$PG_PORT" "$@" 2>"$WORK/proxy.log" </dev/null &
	PROXY_PID=$!
	PIDS+=("$PROXY_PID")
	wait_for "$WORK/proxy-port" "$PROXY_PID" || { not_ok "the proxy starts" "$(cat "$WORK/proxy.log")"; finish; }
	PROXY_PORT=$(cat "$WORK/proxy-port")
}
stop_proxy() {
	kill "$PROXY_PID" 2>/dev/null
	wait "$PROXY_PID" 2>/dev/null
}
PROXY=$WORK/pg_proxy
# shellcheck disable=SC2086 # CC may be two words: ccache gcc
${CC:-cc} -std=c11 -D_GNU_SOURCE -O1 -o "$PROXY" "$ROOT/tests/cli/pg_proxy.c" || { not_ok "the proxy compiles"; finish; }
