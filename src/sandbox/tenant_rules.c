/* Rules for tenants; see tenant_rules.h. */
#include "sandbox/tenant_rules.h"

#include <string.h>

#include "sandbox/render.h"
#include "sandbox/store.h"

static const char no_idp[] = "11111111-1111-1111-1111-111111111111";

const char *tenant_name(struct exchange *x, const char *name)
{
	struct strv trimmed = strv_trim(strv_of(name));
	size_t characters = 0;

	for (size_t i = 0; i < trimmed.n; i++)
		characters += ((unsigned char)trimmed.p[i] & 0xc0) != 0x80;
	if (characters >= 1 && characters <= 255)
		return arena_strndup(x->arena, trimmed.p, trimmed.n);
	exchange_note(x, "assumption: tenant names have 1 to 255 characters after trimming");
	reply_error(x, API_MALFORMED, "name must have 1 to 255 characters");
	return NULL;
}

bool tenant_name_allowed(struct exchange *x, const char *parent_id, const char *name, const char *but)
{
	if (tenant_name_free(x->box->store, parent_id, name, but))
		return true;
	reply_error(x, API_NAME_CONFLICT, "the name is already in use under this parent");
	return false;
}

bool kind_below(const char *parent_kind, const char *kind)
{
	static const struct {
		const char *parent, *kinds;
	} rules[] = {
	    {"root", "partner|folder|customer"},
	    {"partner", "partner|folder|customer"},
	    {"folder", "partner|folder|customer"},
	    {"customer", "unit"},
	    {"unit", "unit"},
	};

	for (size_t i = 0; i < sizeof rules / sizeof *rules; i++)
		if (strcmp(rules[i].parent, parent_kind) == 0)
			return check_choice(rules[i].kinds, kind);
	return false;
}

bool tenant_may_hold(struct exchange *x, const struct tenant *parent, const char *kind)
{
	if (!kind_below(parent->kind, kind))
		reply_error(x, API_RULE, "a %s cannot stand below a %s", kind, parent->kind);
	else if (!parent->enabled)
		reply_error(x, API_PARENT_DISABLED, "the parent is disabled");
	else
		return true;
	return false;
}

bool tenant_may_move(struct exchange *x, const struct tenant *tenant, const struct tenant *parent)
{
	if (tenant_below(parent, tenant))
		reply_error(x, API_MOVE_BELOW_CHILD, "the new parent is below the tenant");
	else if (strcmp(tenant->kind, "unit") == 0)
		reply_error(x, API_MOVE_IN_CUSTOMER, "units stay where they are");
	else if (!parent->enabled)
		reply_error(x, API_MOVE_BELOW_DISABLED, "the new parent is disabled");
	else if (!kind_below(parent->kind, tenant->kind))
		reply_error(x, API_RULE, "a %s cannot stand below a %s", tenant->kind, parent->kind);
	else
		return true;
	return false;
}

void tenant_defaults(
    struct exchange *x, const char *id, const char *kind, const char *name, struct tenant *out)
{
	int64_t now = store_mark(x->box->store);
	bool trial = strcmp(kind, "customer") == 0;
	/* A trial becomes production after one full month. */
	int64_t trial_end = date_to_ms(date_next_first(date_next_first(date_of_ms(now))));

	*out = (struct tenant){.id = id,
	    .kind = kind,
	    .name = name,
	    .version = 1,
	    .enabled = true,
	    .customer_type = "default",
	    .language = "en",
	    .contact = contact_merge(x, NULL, NULL, "legal", id),
	    .default_idp_id = no_idp,
	    .ancestral_access = true,
	    .pricing_mode = trial ? "trial" : "production",
	    .pricing_version = VERSION_64_BIT,
	    .production_start = trial ? trial_end : now};
}
