/* Application settings: where the contract tier lives (notes section 3). */
#include <stdlib.h>
#include <string.h>

#include "sandbox/catalog.h"
#include "sandbox/operations.h"
#include "sandbox/render.h"
#include "sandbox/store.h"

enum access { READ_WRITE, READ_ONLY };
struct setting_rule {
	const char *name;
	enum access access;
};
static const struct setting_rule rules[] = {
    {"tier_level_value", READ_WRITE},
    {"licensing_mode", READ_WRITE},
    {"contract_type", READ_ONLY},
    {"acronis_account_number", READ_ONLY},
    {"pricing_info", READ_ONLY},
};

/* Application, tenant and setting of the path. False: replied. */
static bool find_setting(struct exchange *x, struct tenant *tenant, const struct setting_rule **rule)
{
	const struct application *application = application_by_id(x->param[0]);

	*rule = NULL;
	for (size_t i = 0; i < sizeof rules / sizeof *rules; i++)
		if (strcmp(rules[i].name, x->param[2]) == 0)
			*rule = &rules[i];
	if (!application) {
		reply_error(x, API_NOT_FOUND, "no application %s", x->param[0]);
		return false;
	}
	if (!find_tenant(x, x->param[1], FIND_LIVE, tenant))
		return false;
	if (strcmp(application->type, "platform") != 0 || !*rule) {
		exchange_note(x, "assumption: 404 for a setting that the application does not have");
		reply_error(
		    x, API_NOT_FOUND, "application %s has no setting %s", application->type, x->param[2]);
		return false;
	}
	if (strcmp(tenant->kind, "partner") != 0) {
		exchange_note(x, "assumption: 403 for billing settings of a tenant that is not a partner");
		reply_error(x, API_FORBIDDEN, "billing settings are for partner tenants only");
		return false;
	}
	return true;
}

static void reply_setting(struct exchange *x, const struct tenant *tenant, const char *name)
{
	json_t *reply =
	    json_pack("{s:s, s:s}", "name", name, "application_id", application_by_type("platform")->id);
	struct setting setting;

	if (!setting_load(x->box->store, x->arena, tenant->id, name, &setting)) {
		exchange_note(x, "assumption: a setting never written has own and effective null");
		json_object_set_new(reply, "own", json_null());
		json_object_set_new(reply, "effective", json_null());
	} else {
		json_t *value = json_loads(setting.value, JSON_DECODE_ANY, NULL);
		json_object_set_new(reply, "own",
		    json_pack("{s:O, s:b, s:b}", "value", value, "lock", (int)setting.lock, "exclusive",
			(int)setting.exclusive));
		json_object_set_new(reply, "effective",
		    json_pack("{s:{s:s, s:s}, s:o, s:b}", "owner", "type", "tenant", "id", tenant->id,
			"value", value, "lock", (int)setting.lock));
	}
	reply_json(x, 200, reply);
}

void api_setting_get(struct exchange *x)
{
	const struct setting_rule *rule;
	struct tenant tenant;

	if (find_setting(x, &tenant, &rule))
		reply_setting(x, &tenant, rule->name);
}

static bool may_write(struct exchange *x, const struct tenant *tenant, const struct setting_rule *rule)
{
	if (rule->access == READ_ONLY) {
		exchange_note(x, "assumption: 403 for writing a read-only setting");
		reply_error(x, API_FORBIDDEN, "%s is set by Acronis", rule->name);
		return false;
	}
	if (strcmp(tenant->id, x->root.id) == 0) {
		exchange_note(x, "assumption: a client cannot set its own tenant's tier");
		reply_error(x, API_FORBIDDEN, "billing settings are set from above");
		return false;
	}
	return true;
}

static bool tier_allowed(struct exchange *x, json_t *value)
{
	const struct sandbox_settings *s = x->box->settings;
	int64_t tier;

	if (s->lenient && json_is_string(value) && strv_to_int64(strv_of(json_string_value(value)), &tier)) {
		exchange_note(x, "lenient: a tier sent as text was converted");
		json_object_set_new(x->json, "value", json_integer(tier));
		value = json_object_get(x->json, "value");
	}
	if (json_is_integer(value) && json_integer_value(value) >= s->tier_low &&
	    json_integer_value(value) <= s->tier_high)
		return true;
	exchange_note(x, "assumption: 400 for a tier that is out of range or not an integer");
	reply_error(x, API_MALFORMED, "value must be an integer from %lld to %lld", (long long)s->tier_low,
	    (long long)s->tier_high);
	return false;
}

static bool value_allowed(struct exchange *x, const struct setting_rule *rule)
{
	json_t *value = json_object_get(x->json, "value");

	if (strcmp(rule->name, "tier_level_value") == 0)
		return tier_allowed(x, value);
	if (json_is_string(value) && check_choice("per_gb|per_device", json_string_value(value)))
		return true;
	reply_error(x, API_MALFORMED, "value must be per_gb or per_device");
	return false;
}

void api_setting_set(struct exchange *x)
{
	static const struct check_member members[] = {
	    {.name = "value", .type = CHECK_ANY, .flags = CHECK_REQUIRED},
	    {.name = "lock", .type = CHECK_BOOL}, {.name = "exclusive", .type = CHECK_BOOL}, {0}};
	static const struct check_object shape = {members, false};
	const struct setting_rule *rule;
	struct tenant tenant;

	if (!find_setting(x, &tenant, &rule) || !may_write(x, &tenant, rule) || !body_read(x, &shape) ||
	    !value_allowed(x, rule))
		return;
	char *text = json_dumps(json_object_get(x->json, "value"), JSON_ENCODE_ANY);
	struct setting setting = {text, json_is_true(json_object_get(x->json, "lock")),
	    json_is_true(json_object_get(x->json, "exclusive"))};
	setting_save(x->box->store, tenant.id, rule->name, &setting);
	free(text);
	reply_setting(x, &tenant, rule->name);
}

void api_setting_delete(struct exchange *x)
{
	const struct setting_rule *rule;
	struct tenant tenant;

	if (!find_setting(x, &tenant, &rule) || !may_write(x, &tenant, rule))
		return;
	setting_delete(x->box->store, tenant.id, rule->name);
	reply_empty(x, 204);
}
