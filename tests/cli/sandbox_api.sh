#!/usr/bin/env bash
# tenantry-sandbox over real HTTP: the provisioning sequence, its strictness, its faults, TLS, and stopping and going on.
# BUILD names the build folder (default build/release). Needs curl.
# Each line says one thing: a call and what must come of it.
# shellcheck disable=SC2015,SC2086
set -u
ROOT=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
BUILD=${BUILD:-$ROOT/build/release}
[[ $BUILD = /* ]] || BUILD=$ROOT/$BUILD
SANDBOX=$BUILD/tenantry-sandbox
WORK=$(mktemp -d "${TMPDIR:-/tmp}/tenantry-sandbox.XXXXXX")
PASSED=0 FAILED=0 PID=
CLIENT=7a1f3c52-9b0e-4d68-8f27-5e4d3c2b1a09 SECRET=sandbox-secret-for-rehearsals
OWN=d157b000-0000-4000-8000-000000000001 STRANGER=d157b000-0000-4000-8000-000000000002
NOBODY=12345678-1234-4234-8234-123456789012

stop() {
	[[ -n $PID ]] || return 0
	kill "$PID" 2>/dev/null
	wait "$PID"
	EXIT=$?
	PID=
	((EXIT == 0)) || not_ok "the sandbox ends with 0, not $EXIT" "$(tail -30 "$WORK/err")"
}
trap 'stop >/dev/null 2>&1; rm -rf "$WORK"' EXIT

ok() { echo "ok $1"; ((PASSED++)) || true; }
not_ok() { echo "not ok $1"; shift; printf '    %s\n' "$@"; ((FAILED++)) || true; }
is() { if [[ $2 == "$3" ]]; then ok "$1"; else not_ok "$1" "wanted: $2" "got:    $3" "body:   $(head -c 400 "$WORK/body" 2>/dev/null)"; fi; }
has() { if grep -qF -- "$2" "$WORK/body"; then ok "$1"; else not_ok "$1" "wanted: $2" "body:   $(head -c 600 "$WORK/body")"; fi; }
lacks() { if grep -qF -- "$2" "$WORK/body"; then not_ok "$1" "not wanted: $2" "body: $(head -c 600 "$WORK/body")"; else ok "$1"; fi; }
# field NAME: the first text or number of that name in the body
field() { grep -oE "\"$1\":(\"[^\"]*\"|-?[0-9]+)" "$WORK/body" | head -1 | sed -e "s/^\"$1\"://" -e 's/^"//' -e 's/"$//'; }
count() { grep -oF -- "$1" "$WORK/body" | wc -l | tr -d ' '; }

start() {
	rm -f "$WORK/port"
	"$SANDBOX" --port-file "$WORK/port" --request-log "$WORK/requests.ndjson" --quiet "$@" 2>"$WORK/err" </dev/null &
	PID=$!
	local n
	for ((n = 0; n < 500; n++)); do
		[[ -s $WORK/port ]] && break
		kill -0 "$PID" 2>/dev/null || break
		read -rt 0.02 <> <(:) || true
	done
	if [[ ! -s $WORK/port ]]; then
		not_ok "the sandbox starts with $*" "$(cat "$WORK/err")"
		echo "$PASSED passed, $FAILED failed"
		exit 1
	fi
	BASE=http://127.0.0.1:$(cat "$WORK/port")
	API=$BASE/api/2
}
# call METHOD PATH [JSON] [CURL OPTIONS...]: STATUS, and the body in $WORK/body
call() {
	local method=$1 path=$2 data=${3:-} url
	shift 2; [[ $# -gt 0 ]] && shift
	[[ $path == http* ]] && url=$path || url=$API$path
	local options=(-s -g -o "$WORK/body" -D "$WORK/headers" -w '%{http_code}' -X "$method")
	# Credentials of its own ("-u") take the place of the token.
	[[ " $* " == *" -u "* ]] || options+=(-H "Authorization: Bearer ${TOKEN:-}")
	[[ -n $data ]] && options+=(-H 'Content-Type: application/json' --data-raw "$data")
	: >"$WORK/body"
	STATUS=$(curl "${options[@]}" "$@" "$url")
}
token() {
	call POST /idp/token "" -u "$CLIENT:$SECRET" -d 'grant_type=client_credentials'
	TOKEN=$(field access_token)
}

# ---- token and root ----
start --random-seed 7
TOKEN=
call GET /applications; is "no token is 401" 401 "$STATUS"
has "a 401 is in the envelope" '"error":{"code":401'
call POST /idp/token "" -u "$CLIENT:wrong" -d grant_type=client_credentials
is "a wrong secret is 401" 401 "$STATUS"; has "a wrong secret has the OAuth shape" '"error":"invalid_client"'
call POST /idp/token "" -u "$CLIENT:$SECRET" -d x=1
is "grant_type is required" 400 "$STATUS"; has "in the OAuth shape" '"error":"invalid_request"'
token
is "a token" 200 "$STATUS"; has "it is a bearer token" '"token_type":"bearer"'; has "with expires_on" '"expires_on":'
grep -qi '^cache-control: no-store' "$WORK/headers" && ok "tokens are not to be stored" || not_ok "tokens are not to be stored" "$(cat "$WORK/headers")"
call POST /idp/token "" -d "grant_type=client_credentials&client_id=$CLIENT&client_secret=$SECRET&scope=openid"
is "client_secret_post works" 200 "$STATUS"
call GET "/clients/$CLIENT"; is "the client" 200 "$STATUS"; is "its tenant is the root" "$OWN" "$(field tenant_id)"
call GET "/clients/${CLIENT^^}"; is "ids in upper case work" 200 "$STATUS"
call GET "/clients/$NOBODY"; is "an unknown client is 404" 404 "$STATUS"

# ---- applications ----
call GET /applications; is "applications" 200 "$STATUS"
PLATFORM=$(grep -oE '"id":"[^"]*","name":"[^"]*","type":"platform"' "$WORK/body" | cut -d'"' -f4)
BACKUP=$(grep -oE '"id":"[^"]*","name":"[^"]*","type":"backup"' "$WORK/body" | cut -d'"' -f4)
check_id='^[0-9a-f]{8}-([0-9a-f]{4}-){3}[0-9a-f]{12}$'
[[ $PLATFORM =~ $check_id ]] && ok "the platform service is found by type" || not_ok "the platform service is found by type" "$PLATFORM"
call GET "/applications/$PLATFORM/"; is "a slash at the end is forgiven" 200 "$STATUS"

# ---- tenants ----
call GET "/tenants?parent_id=$OWN"; is "an empty list" 200 "$STATUS"; has "has no items" '"items":[]'; lacks "and no next page" '"after"'
call GET /tenants; is "no selector is 400" 400 "$STATUS"; has "with a word for a code" '"code":"ParameterMalformed"'
call GET "/tenants?parent_id=$OWN&subtree_root_id=$OWN"; is "two selectors are 400" 400 "$STATUS"
call GET "/tenants?parent_id=$STRANGER"; is "another's subtree is 403" 403 "$STATUS"
call GET "/tenants/$STRANGER"; is "another's tenant is 403" 403 "$STATUS"
call GET "/tenants/$NOBODY"; is "an unknown tenant is 404" 404 "$STATUS"; has "with code 1005" '"code":1005'
BODY='{"name":"Nordwind IT GmbH","parent_id":"'$OWN'","kind":"partner","customer_id":"4711","internal_tag":"main/OI-1","contact":{"types":["legal","billing"],"email":"ada@nordwind.example.com","firstname":"Ada","city":"Kiel","country":"DE"}}'
call POST /tenants "$BODY"; is "a tenant is made with 201" 201 "$STATUS"
TENANT=$(field id)
is "its version is 1" 1 "$(field version)"; has "a partner starts in production" '"pricing_mode":"production"'
has "contacts are empty unless asked for" '"contacts":[]'
call POST /tenants "${BODY/Nordwind IT/NORDWIND it}"; is "the same name in other case is 409" 409 "$STATUS"; has "with code 1004" '"code":1004'
call POST /tenants "${BODY/4711\"/4711\",\"tier\":2}"; is "an unknown member is 400" 400 "$STATUS"
call POST /tenants "${BODY/\"partner\"/\"reseller\"}"; is "an unknown kind is 400" 400 "$STATUS"
call POST /tenants "${BODY/\"4711\"/4711}"; is "a number for a string is 400" 400 "$STATUS"
call POST /tenants "${BODY/Kiel\"/Kiel\",\"street\":\"x\"}"; is "an unknown member of a contact is 400" 400 "$STATUS"
call POST /tenants '{"name":"x","parent_id":"'$OWN'","kind":"unit"}'; is "a unit below a partner is refused" 400 "$STATUS"; has "with code 1027" '"code":1027'
call POST /tenants '{"name":"  ","parent_id":"'$OWN'","kind":"partner"}'; is "an empty name is 400" 400 "$STATUS"
call POST /tenants '{"name":"x","name":"y","parent_id":"'$OWN'","kind":"partner"}'; is "a repeated member is 400" 400 "$STATUS"
call POST /tenants 'nonsense'; is "no JSON is 400" 400 "$STATUS"
call POST /tenants "" -d "$BODY"; is "a wrong Content-Type is 415" 415 "$STATUS"
call POST /tenants "" -H 'Content-Type:' --data-raw "$BODY"; is "no Content-Type is 415" 415 "$STATUS"
call PATCH "/tenants/$TENANT"; is "a wrong method is 405" 405 "$STATUS"
grep -qi '^allow: GET, HEAD, PUT, DELETE' "$WORK/headers" && ok "with Allow" || not_ok "with Allow" "$(cat "$WORK/headers")"
call GET /nowhere; is "an unknown path is 404" 404 "$STATUS"
STATUS=$(curl -s -I -o "$WORK/body" -w '%{http_code}' -H "Authorization: Bearer $TOKEN" "$API/tenants/$TENANT"); is "HEAD works as GET" 200 "$STATUS"
call GET "/tenants?parent_id=$OWN&lod=full_without_contacts&embed=x&with_contacts=True"; is "what the Go client sends is taken" 200 "$STATUS"
has "contacts are filled when asked for" '"contacts":[{'
call GET "/tenants?uuids=$TENANT,${OWN^^}&lod=stamps"; is "by ids" 2 "$(count '"deleted_at"')"; lacks "stamps have no name" '"name"'
call GET "/tenants/$TENANT?embed_path=true"; has "the path of ancestors" "\"path\":[\"$OWN\""
LONG=$(printf 'x%.0s' $(seq 2000))
call POST /tenants '{"name":"'"$LONG"'","parent_id":"'$OWN'","kind":"partner"}' -H 'Expect: 100-continue'; is "Expect: 100-continue, and a name that is too long" 400 "$STATUS"

# ---- offering items ----
call GET "/tenants/$OWN/offering_items/available_for_child?kind=partner"; STANDARD=$(count '"application_id"')
call GET "/tenants/$OWN/offering_items/available_for_child?kind=partner&edition=*"; ALL=$(count '"application_id"')
((STANDARD > 0 && ALL > STANDARD && ALL >= 12)) && ok "edition defaults to standard ($STANDARD of $ALL)" || not_ok "edition defaults to standard" "$STANDARD of $ALL"
ITEMS=$(sed -e 's/^{"timestamp":"[^"]*","items":/{"offering_items":/' "$WORK/body")
call PUT "/tenants/$TENANT/offering_items" "$ITEMS"; is "all items are turned on, echoed members and all" 200 "$STATUS"
is "the answer has all items" "$ALL" "$(count '"status":1')"
call PUT "/tenants/$TENANT/offering_items" "${ITEMS/\{/\{\"timestamp\":\"x\",}"; is "an echoed timestamp is refused" 400 "$STATUS"
call GET "/tenants/$TENANT/offering_items"; is "reading defaults to standard too" "$STANDARD" "$(count '"application_id"')"
call GET "/tenants/$TENANT"; is "items leave the tenant's version alone" 1 "$(field version)"
Q='{"offering_items":[{"application_id":"'$BACKUP'","name":"vms","quota":{"value":10,"overage":null,"version":V}}]}'
call PUT "/tenants/$TENANT/offering_items" "${Q/V/0}"; is "a first quota has version 0" 200 "$STATUS"
call PUT "/tenants/$TENANT/offering_items" "${Q/10,\"overage\":null,\"version\":V/11,\"overage\":null,\"version\":0}"; is "a stale quota is 426" 426 "$STATUS"
call GET "/tenants/$TENANT/offering_items?usage_names=vms"; QUOTA=$(grep -oE '"version":[0-9]+' "$WORK/body" | head -1 | cut -d: -f2)
((QUOTA > 4294967296)) && ok "quota versions need 64 bits" || not_ok "quota versions need 64 bits" "$QUOTA"
call PUT "/tenants/$TENANT/offering_items" "${Q/10,\"overage\":null,\"version\":V/11,\"overage\":null,\"version\":$QUOTA}"; is "the current one is taken" 200 "$STATUS"
call PUT "/tenants/$TENANT/offering_items" '{"offering_items":[{"application_id":"'$BACKUP'","name":"pg_base_storage","status":1}]}'; is "infra items need their id" 400 "$STATUS"
call PUT "/tenants/$TENANT/offering_items" '{"offering_items":[{"application_id":"'$BACKUP'","name":"vms","status":0},{"application_id":"'$BACKUP'","name":"nothing"}]}'; is "an unknown item is refused" 400 "$STATUS"; has "with code 1021" '"code":1021'
call GET "/tenants/$TENANT/offering_items?usage_names=vms"; has "and nothing of that request was done" '"status":1'
call GET "/tenants/offering_items?subtree_root_tenant_id=$OWN&limit=5"; AFTER=$(field after); is "items of a subtree in pages" 5 "$(count '"application_id"')"
call GET "/tenants/offering_items" "" -G --data-urlencode "after=$AFTER"; is "the cursor is enough for the next page" 5 "$(count '"application_id"')"
call POST "/applications/$PLATFORM/bindings/tenants/$TENANT"; is "a service is turned on" 204 "$STATUS"; is "without a body" "" "$(cat "$WORK/body")"
call GET "/tenants/$TENANT/applications"; has "a tenant's services" "$PLATFORM"

# ---- two-factor, pricing, tier ----
call PUT "/tenants/$TENANT/mfa/status" '{"enabled":true}'; is "two-factor" 200 "$STATUS"; has "is on" '"mfa_status":"enabled"'
call GET "/tenants/$TENANT/pricing"; is "pricing" 200 "$STATUS"; V=$(field version)
((V > 4294967296)) && ok "the pricing version needs 64 bits" || not_ok "the pricing version needs 64 bits" "$V"
call PUT "/tenants/$TENANT/pricing" '{"version":'"$V"',"mode":"production","currency":"EUR"}'; is "the currency is set" 200 "$STATUS"; is "and its version is one higher" $((V + 1)) "$(field version)"
call PUT "/tenants/$TENANT/pricing" '{"version":'"$V"',"currency":"USD"}'; is "a stale pricing version is 409" 409 "$STATUS"; has "with code 1001" '"code":1001'
call PUT "/tenants/$TENANT/pricing" '{"version":'"$((V + 1))"',"mode":"trial"}'; is "production is one way" 400 "$STATUS"; has "with code 1027 for pricing" '"code":1027'
call PUT "/tenants/$TENANT/pricing" '{"version":'"$((V + 1))"',"currency":"XYZ"}'; is "an unknown currency is 400" 400 "$STATUS"
call PUT "/tenants/$TENANT/pricing" '{"version":'"$((V + 1))"',"production_start_date":null}'; is "an echoed pricing member is refused" 400 "$STATUS"
SET=/applications/$PLATFORM/settings/tenants/$TENANT
call GET "$SET/tier_level_value"; is "a setting never written" 200 "$STATUS"; has "has own null" '"own":null'
call PUT "$SET/licensing_mode" '{"value":"per_gb"}'; is "the licensing mode is set" 200 "$STATUS"
call PUT "$SET/licensing_mode" '{"value":"per_user"}'; is "an unknown licensing mode is 400" 400 "$STATUS"
call PUT "$SET/tier_level_value" '{"value":2}'; is "the tier is set" 200 "$STATUS"; has "own and effective" '"own":{"value":2,"lock":false,"exclusive":false},"effective":{"owner":{"type":"tenant"'
call PUT "$SET/tier_level_value" '{"value":"2"}'; is "a tier as text is 400" 400 "$STATUS"
call PUT "$SET/tier_level_value" '{"value":8}'; is "tier 8 is 400" 400 "$STATUS"
call PUT "$SET/tier_level_value" '{"value":-2}'; is "tier -2 is taken" 200 "$STATUS"
call PUT "$SET/tier_level_value" '{"value":2,"tier":1}'; is "an unknown member of a setting is 400" 400 "$STATUS"
call PUT "$SET/contract_type" '{"value":"x"}'; is "a read-only setting is 403" 403 "$STATUS"
call GET "$SET/nothing"; is "an unknown setting is 404" 404 "$STATUS"
call PUT "/applications/$BACKUP/settings/tenants/$TENANT/tier_level_value" '{"value":2}'; is "only the platform service has tiers" 404 "$STATUS"
call PUT "/applications/$PLATFORM/settings/tenants/$OWN/tier_level_value" '{"value":2}'; is "not one's own tier" 403 "$STATUS"
call GET "$BASE/api/price_sync/v1/effective_price_lists?tenant_id=$TENANT&months=2026-10,2026-11"; is "price lists" 2 "$(count '"commitment"')"
call GET "$BASE/api/price_sync/v1/effective_price_lists?tenant_id=$TENANT"; has "price list errors are flat" '{"code":"BAD_REQUEST_ERROR","domain":"GENERAL"'
PRICES="$BASE/api/price_sync/v1/effective_price_lists?tenant_id=$TENANT&months=2026-11"
call PUT "$SET/tier_level_value" '{"value":1}'; call GET "$PRICES"; has "a commitment is the tier's, marked as invented" '"currency":"EUR","commitment":"460","pricelist_code":"INVENTED","prices":[{"sku":"INVENTED-1"'
call POST "$BASE/admin/drift" '{"tenant":"'$TENANT'","commitment":"Tier B"}'; call GET "$PRICES"; has "a price list says what it was told to" '"commitment":"Tier B"'
call POST "$BASE/admin/drift" '{"tenant":"'$TENANT'","commitment":null}'; call GET "$PRICES"; has "and the tier's again" '"commitment":"460"'
call POST "$BASE/admin/faults" '{"add":["FetchTenantPriceLists:403"]}'; call GET "$PRICES"; is "a client without the scope" 403 "$STATUS"
has "is told which, flat" '{"code":"ACCESS_DENIED_ERROR","domain":"ACCESS"'; has "in context" '"context":{"scope":"urn:acronis.com::service_plans_manager::price_list_reader"}'

# ---- user ----
call GET '/users/check_login?username=ada%40nordwind.example.com'; is "a free login is 204" 204 "$STATUS"
call GET '/users/check_login?username=TAKEN.elsewhere%40example.com'; is "a login taken elsewhere is 409, whatever its case" 409 "$STATUS"
call GET '/users/check_login?username=a%20b'; is "an unacceptable login is 406" 406 "$STATUS"
U='{"tenant_id":"'$TENANT'","login":"ada@nordwind.example.com","contact":{"email":"ada@nordwind.example.com","firstname":"Ada","types":["legal"]}}'
call POST /users "$U"; is "a user is made with 200, not 201" 200 "$STATUS"; USER_ID=$(field id); has "and is not activated" '"activated":false'
call POST /users "${U/ada@nordwind.example.com/ADA@nordwind.example.com}"; is "the login in other case is 409" 409 "$STATUS"
call POST /users "${U/\"login\"/\"logon\"}"; is "an unknown member of a user is 400" 400 "$STATUS"
call PUT "/users/$USER_ID/access_policies" '{"items":[{"id":"00000000-0000-0000-0000-000000000000","issuer_id":"00000000-0000-0000-0000-000000000000","trustee_id":"'$USER_ID'","trustee_type":"user","tenant_id":"'$TENANT'","role_id":"partner_admin","version":0}]}'
is "the role is set" 200 "$STATUS"; has "partner_admin" '"role_id":"partner_admin"'; POLICY=$(field id)
call PUT "/users/$USER_ID/access_policies" '{"items":[{"id":"00000000-0000-0000-0000-000000000000","issuer_id":"'$OWN'","trustee_id":"'$USER_ID'","trustee_type":"user","tenant_id":"'$TENANT'","role_id":"partner_admin","version":0,"created_at":"x"}]}'
is "set again it is the same" "$POLICY" "$(field id)"; is "and stands there once" 1 "$(count '"role_id"')"
call POST "/users/$USER_ID/send-activation-email" '{}'; is "the activation mail is queued" 204 "$STATUS"
call POST "/users/$USER_ID/send-activation-email"; is "without a body too" 204 "$STATUS"
call GET "$BASE/admin/mails"; is "each call is a mail" 2 "$(count '"login"')"
call POST /users '{"tenant_id":"'$OWN'","login":"own@example.com","contact":{"email":""}}'; OWN_USER=$(field id)
call POST "/users/$OWN_USER/send-activation-email" '{}'; is "no activation mail in one's own tenant" 403 "$STATUS"
call GET "/users?uuids=$USER_ID&with_access_policies=true"; is "users by id" 1 "$(count '"login"')"; has "with roles" '"access_policies":[{'
call GET "/users?external_ids=x"; is "external ids need a tenant" 400 "$STATUS"
call GET "/tenants/$TENANT/users"; has "the ids of a tenant's users" "$USER_ID"
call PUT "/users/$USER_ID" '{"version":1,"language":"de"}'; is "a user is changed" 200 "$STATUS"; is "its version counts by itself" 2 "$(field version)"
call PUT "/users/$USER_ID" '{"version":1,"language":"de"}'; is "a stale user is 409" 409 "$STATUS"
call GET "/search?tenant=$OWN&text=NORDWIND"; is "search finds the tenant and the user" 2 "$(count '"obj_type"')"
call GET "/search?tenant=$OWN&text=main/OI"; is "but not by internal tag" 0 "$(count '"obj_type"')"
call GET "/search?tenant=$OWN&text=4711"; is "search finds an account id" 1 "$(count '"obj_type":"tenant"')"
call GET "/search?tenant=$OWN&text=No"; is "two characters find nothing" 0 "$(count '"obj_type"')"
call GET "/search?tenant=$OWN&text=%C3%84%C3%96"; is "two characters of four bytes neither" 200 "$STATUS"
grep -q 'fewer than 3 characters' "$WORK/requests.ndjson" && ok "and the log says why" || not_ok "and the log says why"
call GET "/tenants/usages?tenants=$TENANT,$OWN"; is "usage of several tenants" 2 "$(count '"usages"')"
call GET "/tenants/$TENANT/usages"; has "usage has the old integer id" '"tenant_id":'

# ---- change, disable, delete, restore ----
call PUT "/tenants/$TENANT" '{"version":1,"name":"Nordwind AG"}'; is "a tenant is changed" 200 "$STATUS"; is "its version goes up" 2 "$(field version)"; has "what was left out stays" '"customer_id":"4711"'
call PUT "/tenants/$TENANT" '{"version":1,"name":"Nordwind"}'; is "a stale tenant is 409" 409 "$STATUS"; has "stale is code 1001" '"code":1001'
call DELETE "/tenants/$TENANT?version=2"; is "an enabled tenant is not deleted" 400 "$STATUS"; has "but code 1006" '"code":1006'
call PUT "/tenants/$TENANT" '{"version":2,"enabled":"false"}'; is "a boolean as text is 400" 400 "$STATUS"
call PUT "/tenants/$TENANT" '{"version":2,"enabled":false}'; is "disabled" 200 "$STATUS"
call POST /tenants '{"name":"x","parent_id":"'$TENANT'","kind":"partner"}'; is "nothing below a disabled tenant" 403 "$STATUS"; has "with code 1003" '"code":1003'
call DELETE "/tenants/$TENANT/?version=3"; is "deleted with 204" 204 "$STATUS"
call GET "/tenants/$TENANT"; is "then it is gone" 404 "$STATUS"
call GET "/tenants/$TENANT?allow_deleted=true"; is "unless deleted ones are asked for" 200 "$STATUS"
call GET '/users/check_login?username=ada%40nordwind.example.com'; is "its users' logins are free" 204 "$STATUS"
call POST /tenants '{"name":"nordwind ag","parent_id":"'$OWN'","kind":"partner"}'; is "the name of a deleted tenant is free" 201 "$STATUS"
call POST "/tenants/$TENANT/restore"; is "restoring then needs force" 409 "$STATUS"
call POST "/tenants/$TENANT/restore?force=true"; is "with force it comes back" 204 "$STATUS"
call GET "/tenants/$TENANT"; has "under another name" 'restored'
call GET "/users/$USER_ID"; is "and its users too" 200 "$STATUS"
stop; is "SIGTERM ends it with 0" 0 "$EXIT"
grep -q 'assumption' "$WORK/requests.ndjson" && ok "the log says what was assumed" || not_ok "the log says what was assumed"
if grep -qE "$SECRET|${TOKEN:-none}" "$WORK/requests.ndjson"; then not_ok "the log has no secret and no token"; else ok "the log has no secret and no token"; fi
is "the log is private" 600 "$(stat -c %a "$WORK/requests.ndjson")"

# ---- pages, state, drift ----
start --random-seed 7 --state "$WORK/state.db" --page-size 2
token
for n in 1 2 3 4 5; do call POST /tenants '{"name":"R'$n'","parent_id":"'$OWN'","kind":"partner","customer_id":"'$n'"}'; done
call GET "/tenants?parent_id=$OWN&limit=100"; is "--page-size forces pages" 2 "$(count '"customer_id"')"; AFTER=$(field after)
[[ $AFTER == *+* && $AFTER == *== ]] && ok "a cursor has a plus and ends in ==" || not_ok "a cursor has a plus and ends in ==" "$AFTER"
call POST /tenants '{"name":"R0","parent_id":"'$OWN'","kind":"partner"}'
call GET "/tenants" "" -G --data-urlencode "after=$AFTER"; has "the next page goes on after the second" '"name":"R3"'; lacks "though one was added" '"name":"R2"'
call GET "/tenants?after=$AFTER"; is "a cursor that was not URL-encoded is 400" 400 "$STATUS"
call GET "/tenants" "" -G --data-urlencode "after=${AFTER/++/+A}"; is "a changed cursor is 400" 400 "$STATUS"
call GET "/users" "" -G --data-urlencode "after=$AFTER"; is "a cursor of another listing is 400" 400 "$STATUS"
call GET "/tenants?subtree_root_id=$OWN&limit=1"; STAMP=$(grep -oE '"timestamp":"[^"]*"' "$WORK/body" | cut -d'"' -f4)
call GET "/tenants" "" -G --data-urlencode "subtree_root_id=$OWN" --data-urlencode "updated_since=$STAMP"; has "nothing changed since" '"items":[]'
call POST "$BASE/admin/drift" '{"changes":[{"tenant":"1","tier":4,"enabled":false},{"tenant":"R2","name":"R2 renamed"},{"add":{"name":"Orphan","tier":0,"users":[{"login":"o@example.com","roles":["partner_admin"]}]}}]}'
is "drift" 200 "$STATUS"
call GET "/tenants" "" -G --data-urlencode "subtree_root_id=$OWN" --data-urlencode "updated_since=$STAMP" -d limit=2
has "the changed ones are listed" 'R2 renamed'
call POST "$BASE/admin/drift" '{"changes":[{"tenant":"2","name":"Z"},{"tenant":"nobody"}]}'; is "drift is all or nothing" 404 "$STATUS"
call GET "$BASE/admin/state?stable=1"; lacks "nothing of it was done" '"path":"Example Distribution / Z"'; has "drift is in the state" 'Orphan'; lacks "the stable state has no ids" '"id":'
cp "$WORK/body" "$WORK/before"
call POST "$BASE/admin/drift" '{"tenant":"1","name":"W"}' -H 'Origin: http://example.com'; is "web pages cannot use the admin path" 403 "$STATUS"
stop
start --random-seed 7 --state "$WORK/state.db"
call GET "$BASE/admin/state?stable=1"; is "stopped and started it is the same" "$(cat "$WORK/before")" "$(cat "$WORK/body")"
call GET "/tenants/$OWN"; is "tokens outlive it" 200 "$STATUS"
timeout 10 "$SANDBOX" --state "$WORK/state.db" --port-file "$WORK/other" --quiet 2>"$WORK/err2" </dev/null; is "a state serves one sandbox at a time" 3 "$?"
call POST "$BASE/admin/expire-tokens" "" -H 'Authorization:'; call GET "/tenants/$OWN"; is "tokens expire when told" 401 "$STATUS"
call POST "$BASE/admin/stop"; wait "$PID"; is "/admin/stop ends it with 0" 0 "$?"; PID=

# ---- faults ----
start --fault CreateTenant:lost-after --fault CreateTenant:lost-before --fault 'FetchTenant:429:retry-after=7' \
	--fault FetchApplications:html --fault FetchClient:wrong-types --fault CheckLoginNameAvailability:expired-token \
	--fault FetchTenantPricingSettings:cut-body --fault FetchTenantChildren:503 --fault SendActivationEmail:mail-refused
token
N='{"name":"Lost","parent_id":"'$OWN'","kind":"partner"}'
call POST /tenants "$N"; is "lost-after cuts the line" 000 "$STATUS"
call GET "/tenants?parent_id=$OWN"; has "and the tenant is there" '"name":"Lost"'
call POST /tenants "${N/Lost/Lost 2}"; is "lost-before cuts the line too" 000 "$STATUS"
call GET "/tenants?parent_id=$OWN"; lacks "and nothing is there" 'Lost 2'
call POST /tenants "${N/Lost/Lost 2}"; is "each came once" 201 "$STATUS"
call GET "/tenants/$OWN"; is "429" 429 "$STATUS"; grep -qi '^retry-after: 7' "$WORK/headers" && ok "with Retry-After" || not_ok "with Retry-After" "$(cat "$WORK/headers")"
call GET /applications; is "html is 200" 200 "$STATUS"; has "and a page" '<html>'
call GET "/clients/$CLIENT"; has "wrong types" '"tenant_id":36'
call GET "/tenants/$OWN/pricing"; is "cut-body begins well" 200 "$STATUS"; lacks "and breaks off" '}'
call GET "/tenants/$OWN/children"; is "503" 503 "$STATUS"
call GET "/users/check_login?username=x"; is "expired-token" 401 "$STATUS"
call GET "/tenants/$OWN"; is "the token is gone" 401 "$STATUS"
token; call GET "/tenants/$OWN"; is "a new one works" 200 "$STATUS"
call POST "$BASE/admin/faults" '{"clear":true,"add":["UpdateTenant:1001","*:500:every=2:count=2:match=children","FetchTenant:slow:for=80ms"]}'; is "faults change at run time" 200 "$STATUS"
call PUT "/tenants/$OWN" '{"version":1}'; is "1001" 409 "$STATUS"
call GET "/tenants/$OWN/children"; is "every second begins with the first" 500 "$STATUS"
call GET "/tenants/$OWN/children"; is "the second is good" 200 "$STATUS"
TOOK=$(curl -s -o /dev/null -w '%{time_total}' -H "Authorization: Bearer $TOKEN" "$API/tenants/$OWN")
[[ ${TOOK/,/.} =~ ^(0\.0[789]|0\.[1-9]|[1-9]) ]] && ok "slow" || not_ok "slow" "$TOOK s"
call POST "$BASE/admin/faults" '{"add":["CreatTenant:500"]}'; is "a wrong fault is refused" 400 "$STATUS"; has "with the nearest name" 'did you mean CreateTenant'
call GET "$BASE/admin/requests"; has "arrivals are counted, lost ones too" '"CreateTenant":3'
stop
grep -q '"fault":"lost-after"' "$WORK/requests.ndjson" && ok "the log names the fault" || not_ok "the log names the fault"

# ---- faults of lists ----
# pages QUERY: all pages of the tenants, as "P1 P2|P3 ends-null"; stops after 8.
pages() {
	local query=$1 out='' page
	for ((page = 1; page <= 8; page++)); do
		call GET "/tenants?$query"
		[[ $STATUS == 200 ]] || { echo "$out $STATUS"; return; }
		out+=$(grep -oE '"name":"P[0-9][^"]*"' "$WORK/body" | cut -d'"' -f4 | paste -sd ' ')
		query=after=$(field after | sed -e 's/+/%2B/g' -e 's,/,%2F,g' -e 's/=/%3D/g')
		[[ $query == after= ]] && break
		out+="|"
	done
	grep -q '"after":null' "$WORK/body" && out+=" null"
	grep -q '"after":""' "$WORK/body" && out+=" empty"
	echo "$out"
}
fault() { call POST "$BASE/admin/faults" '{"clear":true,"add":["'"$1"'"]}'; }
start --page-size 2 --now 2026-11-22T12:00:00Z
token
for n in 1 2 3 4 5; do call POST /tenants '{"name":"P'$n'","customer_id":"ACC-'$n'","parent_id":"'$OWN'","kind":"partner"}'; done
is "a listing without faults" "P1 P2|P3 P4|P5" "$(pages "parent_id=$OWN")"
while IFS='=' read -r spec wanted; do
	fault "FetchTenantsBatch:${spec//@/=}"
	is "${spec//@/=}" "$wanted" "$(pages "parent_id=$OWN")"
done <<-'CASES'
	list-cut:page@2=P1 P2|P3 P4
	list-short:holds@ACC-3=P1 P2|P4|P5
	list-repeated:item@2=P1 P2 P2|P3 P4|P5
	list-double:page@2=P1 P2|P3 P4|P3 P4|P5
	list-empty:page@2=P1 P2|
	list-endless=P1 P2|P3 P4|P5||||||
	list-same-page:page@1=P1 P2|P1 P2|P3 P4|P5
	list-flood:nth@3=P1 P2|P3 P4|P5|P5 4|P5 5|P5 6|P5 7|P5 8|
	list-shifted=P1 P2|P4 P5
	list-shifted:by@-1=P1 P2|P2 P3|P4 P5
	end-null=P1 P2|P3 P4|P5 null
	end-empty=P1 P2|P3 P4|P5 empty
CASES
fault FetchTenantsBatch:list-without-ids; call GET "/tenants?parent_id=$OWN"; is "list-without-ids" 2 "$(count '{"parent_id"')"
fault FetchTenantsBatch:list-stale:count=0:behind=2
call POST /tenants '{"name":"P6","customer_id":"ACC-6","parent_id":"'$OWN'","kind":"partner"}'
is "a list that lags" "P1 P2|P3 P4|P5" "$(pages "parent_id=$OWN")"
call GET "/search?tenant=$OWN&text=ACC-6"; is "a search that does not" 1 "$(count '"obj_type"')"
is "by two listings" "P1 P2|P3 P4|P5" "$(pages "parent_id=$OWN")"
is "and no longer" "P1 P2|P3 P4|P5 P6" "$(pages "parent_id=$OWN")"
fault Search:list-stale:for=1h
call POST /tenants '{"name":"P7","customer_id":"ACC-7","parent_id":"'$OWN'","kind":"partner"}'
call GET "/search?tenant=$OWN&text=ACC-7"; is "a search that lags" 0 "$(count '"obj_type"')"
fault Search:503; call GET "/search?tenant=$OWN&text=ACC-7"; is "a search that fails" 503 "$STATUS"
fault FetchTenant:half-json; call GET "/tenants/$OWN"; is "half a JSON text" 200 "$STATUS"; lacks "is whole for HTTP" '}}'
fault FetchTenant:no-object; call GET "/tenants/$OWN"; has "JSON that is no object" '["no object"]'
fault FetchTenant:no-body; call GET "/tenants/$OWN"; is "an empty answer" "200 " "$STATUS $(cat "$WORK/body")"
fault FetchTenant:redirect; call GET "/tenants/$OWN"; is "a redirect" 302 "$STATUS"
grep -qi '^location: https://signin.example.com/' "$WORK/headers" && ok "leads away" || not_ok "leads away" "$(cat "$WORK/headers")"
for kind in html no-object no-body; do
	fault "RequestTokens:$kind"; token
	is "a token call with $kind has no token" "200 " "$STATUS $TOKEN"
done
fault RequestTokens:wrong-types; token; has "a token that is no text" '"access_token":64'
fault RequestTokens:half-json; token; lacks "half an answer with a token" '}'
token; is "and then there is one" 200 "$STATUS"
stop
grep -q '"fault":"list-shifted"' "$WORK/requests.ndjson" && ok "the log names faults of lists" || not_ok "the log names faults of lists"

# ---- lenient, life of tokens, latency ----
start --lenient
token
call POST /tenants '{"name":"Loose","parent_id":"'$OWN'","kind":"partner","customer_id":7,"colour":"red"}'; is "lenient takes numbers for text and unknown members" 201 "$STATUS"; LOOSE=$(field id)
call PUT "/tenants/$LOOSE" '{"version":"1","enabled":"false","update_lock":{"enabled":"true","owner_id":"'$OWN'"}}'; is "and what official scripts send" 200 "$STATUS"
call GET "/tenants/$LOOSE/pricing"; V=$(field version)
call PUT "/tenants/$LOOSE/pricing" "$(cat "$WORK/body")"; is "and an echoed pricing object" 200 "$STATUS"
stop
start --token-life 1s --latency 30ms
token
has "a token says how long it lives" '"expires_in":1,'
for ((n = 0; n < 100; n++)); do call GET "/tenants/$OWN"; [[ $STATUS == 401 ]] && break; done
is "a token ends after its life" 401 "$STATUS"
stop

# ---- seed and TLS ----
cat >"$WORK/seed.json" <<-'SEED'
	{"client": {"id": "aaaaaaaa-0000-4000-8000-000000000001", "secret": "seeded"},
	 "distributor": {"name": "Seeded Distribution"},
	 "tenants": [
	  {"id": "aaaaaaaa-0000-4000-8000-000000000002", "name": "Älvsborg Ö", "customer_id": "900", "tier": 3, "licensing_mode": "per_gb",
	   "pricing": {"mode": "trial", "currency": "JPY"}, "offering_items": ["vms", {"name": "servers", "value": 5}], "usages": {"vms": 12},
	   "users": [{"login": "o@example.com", "roles": ["partner_admin"], "activated": true}],
	   "children": [{"name": "A customer", "kind": "customer"}]},
	  {"name": "Gone", "deleted": true}]}
SEED
start --tls --ca-out "$WORK/ca.pem" --seed "$WORK/seed.json"
BASE=https://127.0.0.1:$(cat "$WORK/port") API=$BASE/api/2 CLIENT=aaaaaaaa-0000-4000-8000-000000000001 SECRET=seeded
call POST /idp/token "" --cacert "$WORK/ca.pem" -u "$CLIENT:$SECRET" -d 'grant_type=client_credentials'
is "TLS is verified with the CA it wrote" 200 "$STATUS"; TOKEN=$(field access_token)
call GET /applications ""; is "and not without" 000 "$STATUS"
S=aaaaaaaa-0000-4000-8000-000000000002
call POST /tenants '{"name":"äLVSBORG ö","parent_id":"'$OWN'","kind":"partner"}' --cacert "$WORK/ca.pem"; is "names are the same in any case, not only in ASCII" 409 "$STATUS"
call GET "/applications/$PLATFORM/settings/tenants/$S/tier_level_value" "" --cacert "$WORK/ca.pem"; has "the seeded tier" '"value":3'
call GET "/tenants/$S/usages" "" --cacert "$WORK/ca.pem"; has "the seeded usage" '"value":12'
call GET "/tenants?parent_id=$OWN&allow_deleted=true" "" --cacert "$WORK/ca.pem"; is "the seeded tenants, deleted ones too" 2 "$(count '"customer_type"')"
stop
start --tls-expired --ca-out "$WORK/ca.pem"
call GET "https://127.0.0.1:$(cat "$WORK/port")/api/2/applications" "" --cacert "$WORK/ca.pem"; is "expired certificates are refused" 000 "$STATUS"
stop

# ---- bad input ----
bad() { # NAME STATUS TEXT OPTIONS...
	local name=$1 wanted=$2 text=$3
	shift 3
	timeout 10 "$SANDBOX" --quiet "$@" >"$WORK/body" 2>&1 </dev/null
	is "$name: exit status" "$wanted" "$?"
	has "$name: says so" "$text"
}
bad "unknown option" 2 "did you mean --latency" --latancy 5ms
bad "unknown kind of fault" 2 "did you mean lost-after" --fault CreateTenant:lost-afer
bad "fault without a kind" 2 "OPERATION:KIND" --fault CreateTenant
bad "a list fault of what is no list" 2 "lists are given by FetchTenantsBatch" --fault FetchTenant:list-cut
bad "another address" 2 "--allow-remote" --listen 0.0.0.0
bad "no address" 2 "not an address" --listen localhosty
bad "no UUID" 2 "not a UUID" --client-id x
bad "tier range" 2 "LOW..HIGH" --tier-range 1-2
bad "missing seed" 3 "cannot read" --seed "$WORK/none.json"
printf '{"tenants": [\n {"name": }]}' >"$WORK/bad.json"
bad "broken seed" 3 "bad.json:2:" --seed "$WORK/bad.json"
printf '{"tenants": [{"name": "a"}, {"nam": "b"}]}' >"$WORK/bad.json"
bad "seed with an unknown member" 3 "tenants[1].name is required" --seed "$WORK/bad.json"
printf '{"tenants": [{"name": "a", "users": [{"login": "x", "rolls": []}]}]}' >"$WORK/bad.json"
bad "seed with an unknown member of a user" 3 "tenants[0].users[0].rolls is not a member" --seed "$WORK/bad.json"
echo "no database" >"$WORK/bad.db"
bad "state that is none" 3 "cannot open the state" --state "$WORK/bad.db"

echo "$PASSED passed, $FAILED failed"
((FAILED == 0))
