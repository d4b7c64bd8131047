/* Pricing and two-factor state (notes section 3, "Pricing settings"). */
#include <string.h>

#include "sandbox/operations.h"
#include "sandbox/render.h"
#include "sandbox/store.h"

static json_t *render_pricing(const struct tenant *t)
{
	return json_pack("{s:s, s:o, s:I, s:o}", "mode", t->pricing_mode, "currency",
	    render_text(t->currency), "version", (json_int_t)t->pricing_version, "production_start_date",
	    render_time(t->production_start));
}

void api_pricing_get(struct exchange *x)
{
	struct tenant tenant;

	if (find_tenant(x, x->param[0], FIND_LIVE, &tenant))
		reply_json(x, 200, render_pricing(&tenant));
}

/* Production is for good. Lenient lets a partner back to trial, as one official sample does. */
static bool mode_allowed(struct exchange *x, const struct tenant *t, const char *mode)
{
	if (strcmp(t->pricing_mode, "production") != 0 || strcmp(mode, "trial") != 0)
		return true;
	if (x->box->settings->lenient) {
		exchange_note(x, "lenient: from production back to trial");
		return true;
	}
	exchange_note(x, "assumption: going back from production is refused with 1027");
	reply_error(x, API_RULE, "production is one way");
	return false;
}

void api_pricing_set(struct exchange *x)
{
	static const struct check_member members[] = {
	    {.name = "version", .type = CHECK_INT, .flags = CHECK_REQUIRED},
	    {.name = "mode", .type = CHECK_TEXT, .choices = "trial|production|suspended"},
	    {.name = "currency",
		.type = CHECK_TEXT,
		.flags = CHECK_NULLABLE,
		.choices = "AUD|BRL|CAD|EUR|CNY|GBP|JPY|KZT|NZD|RUB|USD|ZAR"},
	    {0},
	};
	static const struct check_object shape = {members, false};
	struct tenant tenant;

	if (!body_read(x, &shape) || !find_tenant(x, x->param[0], FIND_LIVE, &tenant))
		return;
	const char *mode = json_string_value(json_object_get(x->json, "mode"));
	const json_t *currency = json_object_get(x->json, "currency");
	if (json_integer_value(json_object_get(x->json, "version")) != tenant.pricing_version) {
		reply_error(x, API_STALE, "the pricing version is %lld", (long long)tenant.pricing_version);
		return;
	}
	if (strcmp(tenant.id, x->root.id) == 0) {
		exchange_note(x, "assumption: a client cannot change its own tenant's pricing");
		reply_error(x, API_FORBIDDEN, "pricing is set from above");
		return;
	}
	if (mode && !mode_allowed(x, &tenant, mode))
		return;
	if (mode && strcmp(mode, "production") == 0 && strcmp(tenant.pricing_mode, "trial") == 0)
		tenant.production_start = store_mark(x->box->store);
	tenant.pricing_mode = mode ? mode : tenant.pricing_mode;
	if (currency)
		tenant.currency = json_string_value(currency);
	tenant.pricing_version++;
	tenant.updated = store_stamp(x->box->store);
	tenant_save(x->box->store, &tenant);
	reply_json(x, 200, render_pricing(&tenant));
}

static bool count_user(void *ctx, const struct user *user)
{
	(void)user;
	++*(int *)ctx;
	return true;
}

static void reply_mfa(struct exchange *x, const struct tenant *tenant)
{
	struct user_filter filter = {.root = tenant, .tenant_id = tenant->id, .limit = -1};
	int users = 0;

	user_list(x->box->store, x->arena, &filter, count_user, &users);
	reply_json(x, 200,
	    json_pack("{s:s, s:b, s:i, s:i}", "mfa_status", tenant->mfa ? "enabled" : "disabled",
		"update_allowed", 1, "users_count", users, "users_with_totp_enabled_count", 0));
}

void api_mfa_get(struct exchange *x)
{
	struct tenant tenant;

	if (find_tenant(x, x->param[0], FIND_LIVE, &tenant))
		reply_mfa(x, &tenant);
}

void api_mfa_set(struct exchange *x)
{
	static const struct check_member members[] = {
	    {.name = "enabled", .type = CHECK_BOOL, .flags = CHECK_REQUIRED}, {0}};
	static const struct check_object shape = {members, false};
	struct tenant tenant;

	if (!body_read(x, &shape) || !find_tenant(x, x->param[0], FIND_LIVE, &tenant))
		return;
	if (check_choice("folder|unit", tenant.kind)) {
		reply_error(x, API_MALFORMED, "two-factor is not for a %s", tenant.kind);
		return;
	}
	tenant.mfa = json_is_true(json_object_get(x->json, "enabled"));
	tenant.updated = store_stamp(x->box->store);
	tenant_save(x->box->store, &tenant);
	reply_mfa(x, &tenant);
}
