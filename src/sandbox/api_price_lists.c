/* Effective price lists: the read-only view of the commitment in force (price spec). A service of its own:
 * flat errors, and a scope of its own that the fault 403 takes away. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "sandbox/operations.h"
#include "sandbox/price_table.h"
#include "sandbox/store.h"

/* What a seed or a drift says instead, of whatever type; NULL: nothing. */
static json_t *told_commitment(struct exchange *x, const struct tenant *tenant)
{
	struct setting setting;

	if (!setting_load(x->box->store, x->arena, tenant->id, COMMITMENT_SETTING, &setting))
		return NULL;
	return json_loads(setting.value, JSON_DECODE_ANY, NULL);
}

static json_t *commitment_of(struct exchange *x, const struct tenant *tenant, const char **currency)
{
	struct setting setting;
	int64_t value = -1;

	*currency = tenant->currency;
	if (setting_load(x->box->store, x->arena, tenant->id, "tier_level_value", &setting) &&
	    !strv_to_int64(strv_of(setting.value), &value))
		value = -1;
	const char *amount = price_table_commitment(value, currency);
	json_t *told = told_commitment(x, tenant);
	return told ? told : json_string(amount);
}

/* One article, so that a reader meets the published shape. */
static json_t *prices(void)
{
	return json_pack("[{s:s, s:s, s:s, s:s, s:s, s:s, s:s, s:s, s:s}]", "sku", "INVENTED-1",
	    "effective_price", "1.00", "list_price", "1.25", "sku_discount", "20", "pricelist_discount", "0",
	    "category", "Invented", "sub_category", "Invented", "name", "an invented article",
	    "friendly_name", "Invented article");
}

static json_t *price_list(struct exchange *x, const struct tenant *tenant, const char *month)
{
	const char *currency;
	json_t *commitment = commitment_of(x, tenant, &currency);

	return json_pack("{s:s%, s:s, s:o, s:s, s:o}", "month", month, strcspn(month, ","), "currency",
	    currency, "commitment", commitment, "pricelist_code", "INVENTED", "prices", prices());
}

static bool month_like(const char *text, size_t n)
{
	struct date date;
	char day[16];

	return n == 7 && snprintf(day, sizeof day, "%.7s-01", text) > 0 && date_parse(strv_of(day), &date);
}

static const char *next_month(const char *at)
{
	const char *comma = strchr(at, ',');

	return comma ? comma + 1 : NULL;
}

void api_price_lists(struct exchange *x)
{
	const char *id = query_text(x, "tenant_id"), *months = query_text(x, "months");
	struct tenant tenant;

	exchange_note(x,
	    "assumption: the format of commitment and the amounts; the scope price_list_reader is not asked for");
	for (const char *at = months; at; at = next_month(at))
		if (!month_like(at, strcspn(at, ",")))
			months = NULL;
	if (!id || !months ||
	    !tenant_load(x->box->store, x->arena, store_fold(x->box->store, x->arena, id), &tenant)) {
		reply_flat_error(
		    x, 400, "BAD_REQUEST_ERROR", "tenant_id and months (YYYY-MM,...) are required");
		return;
	}
	if (!tenant_visible(x, &tenant)) {
		reply_flat_error(x, 403, "ACCESS_DENIED_ERROR", "that tenant is not below the caller's");
		return;
	}
	json_t *lists = json_array();
	for (const char *at = months; at; at = next_month(at))
		json_array_append_new(lists, price_list(x, &tenant, at));
	reply_json(x, 200, json_pack("{s:o}", "price_lists", lists));
}
