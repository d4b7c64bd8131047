/* subscriptions.csv and tenants.csv, a pair an account with differences of each class, each file in its own
 * order. */
#include "gen.h"

/* One account on both sides: 'A' active, 'S' suspended, 'C' cancelled; 'E' enabled, 'D' disabled; 0 not
 * there. */
struct account {
	char subscription, second_subscription, tenant, second_tenant;
	bool differs[CLASS_COUNT];
};

static const char *const currencies[] = {"USD", "EUR", "GBP", "AUD", "JPY", "CAD"};

static void states_disagree(struct account *a, unsigned which)
{
	if (which == 0) {
		a->tenant = 'D';
		a->differs[CLASS_ACTIVE_BUT_DISABLED] = true;
	} else if (which == 1) {
		a->subscription = 'S';
		a->differs[CLASS_SUSPENDED_BUT_ENABLED] = true;
	} else {
		a->subscription = 'C';
		a->differs[CLASS_CANCELLED_BUT_ENABLED] = true;
	}
}

static void be_different(struct account *a, unsigned u, unsigned v)
{
	if (u < 60) {
		a->tenant = 0;
		a->differs[CLASS_TENANT_MISSING] = true;
	} else if (u < 110) {
		a->subscription = 0;
		a->tenant = v & 1 ? 'E' : 'D';
		a->differs[CLASS_SUBSCRIPTION_MISSING] = true;
	} else if (u < 170) {
		a->differs[CLASS_TIER_MISMATCH] = true;
	} else if (u < 200) {
		a->differs[CLASS_CURRENCY_MISMATCH] = true;
	} else if (u < 250) {
		states_disagree(a, v % 3);
	} else if (u < 270) {
		a->second_tenant = 'E';
		a->differs[CLASS_DUPLICATE_TENANT] = true;
	} else if (u < 290) {
		a->second_subscription = 'A';
		a->differs[CLASS_DUPLICATE_SUBSCRIPTION] = true;
	} else if (u < 340) {
		a->differs[CLASS_LOGIN_MISMATCH] = true;
	} else if (u < 370) {
		a->differs[CLASS_PRICING_MODE] = true;
	} else {
		a->differs[CLASS_TIER_MISMATCH] = a->differs[CLASS_CURRENCY_MISMATCH] = true;
	}
}

static struct account account_of(const struct gen *gen, uint64_t i)
{
	struct account a = {.subscription = 'A', .tenant = 'E'};
	uint64_t hash = gen_hash(gen, 31, i);
	unsigned u = (unsigned)(hash % 10000), v = (unsigned)(hash >> 48);

	if (u < 380) {
		be_different(&a, u, v);
	} else if (u < 690) {
		a.second_subscription = 'C'; /* an old one beside the active one */
	} else if (u < 940) {
		a.subscription = 'C';
		a.tenant = 'D';
		a.differs[CLASS_CANCELLED_BUT_PRESENT] = true;
	} else if (u < 1190) {
		a.subscription = 'C';
		a.tenant = 0;
	} else if (u < 1690) {
		a.subscription = 'S';
		a.tenant = 'D';
	}
	return a;
}

static void subscription_row(
    const struct gen *gen, struct out *out, uint64_t slot, const struct account *a, char state)
{
	uint64_t i = slot % gen->rows, hash = gen_hash(gen, 41, i);

	out_text(out, "SUB-");
	out_number(out, slot + 1, 9);
	out_comma(out);
	if (a->tenant && slot < gen->rows)
		out_uuid(out, gen, 51, i);
	out_comma(out);
	out_account_id(out, gen, i);
	out_comma(out);
	out_company(out, gen, i);
	out_comma(out);
	out_email(out, gen, i, 0);
	out_text(out, ",Tier ");
	out_number(out, hash % 8, 0);
	out_comma(out);
	out_text(out, state == 'A' ? "Active" : state == 'S' ? "Suspended" : "Cancelled");
	out_text(out, ",1,");
	out_text(out, currencies[(hash >> 8) % 6]);
	out_comma(out);
	out_date(out, gen_hash(gen, 42, slot));
	out_text(out, ",,0,false,Synchronized,");
	out_date(out, gen_hash(gen, 44, slot));
	out_text(out, "T06:00:00Z");
	out_line(out);
}

static void write_subscriptions(const struct gen *gen, struct world_expected *expected)
{
	struct permutation order = permutation_of(2 * gen->rows, gen_hash(gen, 1, 1));
	struct out out;

	out_open(&out, gen, "subscriptions.csv");
	out_text(&out,
	    "Subscription Id,Subscription External Id,Account Id,Account,Username,Tier,Status,Quantity,Currency,Start Date,"
	    "End Date,Ramp Up Months,Is Trial,Provisioning Sync Status,Updated At");
	out_line(&out);
	for (uint64_t k = 0; k < 2 * gen->rows; k++) {
		uint64_t slot = permuted(&order, k);
		struct account a = account_of(gen, slot % gen->rows);
		char state = slot < gen->rows ? a.subscription : a.second_subscription;
		if (!state)
			continue;
		subscription_row(gen, &out, slot, &a, state);
		expected->subscriptions++;
	}
	expected->subscription_bytes = out_close(&out);
}

static void tenant_row(
    const struct gen *gen, struct out *out, uint64_t slot, const struct account *a, char state)
{
	uint64_t i = slot % gen->rows, hash = gen_hash(gen, 41, i), other = gen_hash(gen, 43, slot);
	unsigned tier = (unsigned)(hash % 8), currency = (unsigned)((hash >> 8) % 6);

	if (a->differs[CLASS_TIER_MISMATCH])
		tier = (tier + 1 + (unsigned)(other % 7)) % 8;
	if (a->differs[CLASS_CURRENCY_MISMATCH])
		currency = (currency + 1 + (unsigned)(other >> 8) % 5) % 6;
	out_uuid(out, gen, slot < gen->rows ? 51 : 52, i);
	out_comma(out);
	out_uuid(out, gen, 54, 0);
	out_comma(out);
	out_account_id(out, gen, i);
	out_text(out, ",,");
	out_company(out, gen, i);
	out_text(out, ",partner,");
	out_text(out, state == 'E' ? "true," : "false,");
	if (tier == 0)
		out_text(out, "-1");
	else
		out_number(out, tier - 1, 0);
	out_text(out, ",per_gb,");
	out_text(out, currencies[currency]);
	out_text(out, a->differs[CLASS_PRICING_MODE] ? ",trial," : ",production,");
	out_email(out, gen, i, a->differs[CLASS_LOGIN_MISMATCH] ? 2 : (other >> 20) % 100 < 5 ? 1 : 0);
	out_comma(out);
	out_date(out, other >> 24);
	out_text(out, "T06:00:00Z,");
	out_line(out);
}

static void write_tenants(const struct gen *gen, struct world_expected *expected)
{
	struct permutation order = permutation_of(2 * gen->rows, gen_hash(gen, 1, 2));
	struct out out;

	out_open(&out, gen, "tenants.csv");
	out_text(&out,
	    "Tenant Id,Parent Id,Customer Id,Internal Tag,Name,Kind,Enabled,Tier Value,Licensing Mode,Currency,"
	    "Pricing Mode,Login,Updated At,Deleted At");
	out_line(&out);
	for (uint64_t k = 0; k < 2 * gen->rows; k++) {
		uint64_t slot = permuted(&order, k);
		struct account a = account_of(gen, slot % gen->rows);
		char state = slot < gen->rows ? a.tenant : a.second_tenant;
		if (!state)
			continue;
		tenant_row(gen, &out, slot, &a, state);
		expected->tenants++;
	}
	expected->tenant_bytes = out_close(&out);
}

void gen_world(const struct gen *gen, struct world_expected *expected)
{
	write_subscriptions(gen, expected);
	write_tenants(gen, expected);
	for (uint64_t i = 0; i < gen->rows; i++) {
		struct account a = account_of(gen, i);
		for (int class = 0; class < CLASS_COUNT; class ++)
			expected->by_class[class] += a.differs[class];
	}
}
