/* orders.csv with section 5's columns: mostly one new order an account, 8 % with an ignored status, 5 %
 * changes, 3 % that break a rule (some of them two), and a few of each set rule. A row may lean on an earlier
 * one (the same item again, a second contract, a login taken): then both agree on it from their indexes
 * alone. */
#include "gen.h"
#include "tenantry/mem.h"

enum kind { PLAIN, COPY, CONFLICT, SECOND_CONTRACT, LOGIN_TAKEN, TOO_SHORT, BAD_UTF8 };
enum { COPY_BACK = 17, CONFLICT_BACK = 23, CONTRACT_BACK = 31, LOGIN_BACK = 37 };

/* Ways to break one rule: the rule, and a group of which a row breaks one at most. */
static const struct {
	enum rule_code rule;
	int group;
} ways[] = {
    {RULE_QUANTITY_NOT_ONE, 0},
    {RULE_BUYER_NOT_RESELLER, 1},
    {RULE_NOT_OWN_USE, 2},
    {RULE_CURRENCY_MISSING, 3},
    {RULE_CURRENCY_NOT_ALLOWED, 3},
    {RULE_BILLING_ADDRESS_INCOMPLETE, 4},
    {RULE_EMAIL_MISSING, 5},
    {RULE_EMAIL_INVALID, 5},
    {RULE_USERNAME_INVALID, 5},
    {RULE_TERMS_NOT_ACCEPTED, 6},
    {RULE_PRODUCT_UNKNOWN, 7},
    {RULE_TIER_UNKNOWN, 7},
    {RULE_ORDER_TIER_MISMATCH, 7},
    {RULE_TIER_NOT_SOLD, 7},
    {RULE_DATE_INVALID, 8},
    {RULE_ORDER_ID_MISSING, 9},
    {RULE_ACTION_UNKNOWN, 10},
};

/* What a row is, before it is known whether the row it leans on allows that. */
static enum kind wish(const struct gen *gen, uint64_t i)
{
	unsigned u = (unsigned)(gen_hash(gen, 20, i) % 20000);

	if (u < 10)
		return COPY;
	if (u < 16)
		return CONFLICT;
	if (u < 40)
		return SECOND_CONTRACT;
	if (u < 50)
		return LOGIN_TAKEN;
	return u < 52 ? TOO_SHORT : u < 54 ? BAD_UTF8 : PLAIN;
}

static bool is_pending(const struct gen *gen, uint64_t i)
{
	return gen_hash(gen, 21, i) % 100 < 92;
}

static bool is_change(const struct gen *gen, uint64_t i)
{
	return gen_hash(gen, 24, i) % 100 < 5;
}

/* The rules that a row breaks by itself, as bits. */
static uint64_t breaks(const struct gen *gen, uint64_t i)
{
	uint64_t hash = gen_hash(gen, 25, i);
	size_t one = (hash >> 16) % ARRAY_LEN(ways), two = (hash >> 32) % ARRAY_LEN(ways);

	if (hash % 1000 >= 30 || is_change(gen, i))
		return 0;
	bool both = (hash >> 48) % 100 < 12 && ways[one].group != ways[two].group &&
		    ways[one].rule != RULE_ACTION_UNKNOWN && ways[two].rule != RULE_ACTION_UNKNOWN;
	return RULE_BIT(ways[one].rule) | (both ? RULE_BIT(ways[two].rule) : 0);
}

/* A new order that nothing speaks against by itself. */
static bool is_good(const struct gen *gen, uint64_t i)
{
	return wish(gen, i) == PLAIN && is_pending(gen, i) && !is_change(gen, i) && breaks(gen, i) == 0;
}

static bool is_victim(const struct gen *gen, uint64_t i)
{
	return i + CONFLICT_BACK < gen->rows && wish(gen, i + CONFLICT_BACK) == CONFLICT && is_good(gen, i);
}

static enum kind kind_of(const struct gen *gen, uint64_t i)
{
	enum kind kind = wish(gen, i);

	switch (kind) {
	case COPY:
		return i >= COPY_BACK && wish(gen, i - COPY_BACK) == PLAIN ? COPY : PLAIN;
	case CONFLICT:
		return i >= CONFLICT_BACK && is_good(gen, i - CONFLICT_BACK) ? CONFLICT : PLAIN;
	case SECOND_CONTRACT:
		return i >= CONTRACT_BACK && is_good(gen, i - CONTRACT_BACK) &&
			       !is_victim(gen, i - CONTRACT_BACK)
			   ? kind
			   : PLAIN;
	case LOGIN_TAKEN:
		return i >= LOGIN_BACK && is_good(gen, i - LOGIN_BACK) && !is_victim(gen, i - LOGIN_BACK)
			   ? kind
			   : PLAIN;
	case PLAIN:
	case TOO_SHORT:
	case BAD_UTF8:
		break;
	}
	return kind;
}

static const char *one_of(uint64_t hash, const char *const *items, size_t count)
{
	return items[hash % count];
}
#define ONE_OF(hash, ...)                                                                                    \
	one_of((hash), (const char *const[]){__VA_ARGS__}, ARRAY_LEN(((const char *const[]){__VA_ARGS__})))

/* One row under construction. `id` names the item, `account` the customer, `login` whose mail address it
 * carries. */
struct row {
	struct out *out;
	const struct gen *gen;
	uint64_t id, account, login, broken, hash;
	bool pending, change, conflict;
	bool alias;
};

static bool broken(const struct row *row, enum rule_code rule)
{
	return (row->broken & RULE_BIT(rule)) != 0;
}

static void field(const struct row *row, const char *text)
{
	out_text(row->out, text);
	out_comma(row->out);
}

static void order_fields(const struct row *row)
{
	if (!broken(row, RULE_ORDER_ID_MISSING)) {
		out_text(row->out, "ORD-");
		out_number(row->out, row->id, 9);
	}
	out_comma(row->out);
	out_text(row->out, "OI-");
	out_number(row->out, row->id, 9);
	out_comma(row->out);
	if (broken(row, RULE_DATE_INVALID))
		out_text(row->out, ONE_OF(row->hash, "31.12.2025", "2025-02-30", "12/31/2025", "yesterday"));
	else
		out_date(row->out, row->hash);
	out_comma(row->out);
	field(row, row->pending ? ONE_OF(row->hash >> 8, "Submitted", "Submitted", "")
				: ONE_OF(row->hash >> 8, "Executed", "Draft", "Canceled"));
	field(row, (row->hash >> 10) % 4 ? "Storefront" : "BSS");
	field(row, broken(row, RULE_ACTION_UNKNOWN) ? "renew" : row->change ? "upgrade" : "new");
}

static void account_fields(const struct row *row)
{
	out_account_id(row->out, row->gen, row->account);
	out_comma(row->out);
	out_company(row->out, row->gen, row->account);
	out_comma(row->out);
	field(row, broken(row, RULE_BUYER_NOT_RESELLER)
		       ? ONE_OF(row->hash >> 12, "false", "", "no", "maybe")
		       : ONE_OF(row->hash >> 12, "true", "yes", "TRUE", "1"));
	if (broken(row, RULE_NOT_OWN_USE))
		out_text(row->out, "ACC-X");
	else if ((row->hash >> 14) % 10 == 0)
		out_account_id(row->out, row->gen, row->account);
	out_comma(row->out);
}

static void product_fields(struct row *row)
{
	unsigned tier = (unsigned)(row->hash >> 16) % 8, named = tier;

	if (broken(row, RULE_ORDER_TIER_MISMATCH))
		named = (tier + 1) % 8;
	if (broken(row, RULE_TIER_NOT_SOLD)) {
		field(row, "CCSP-PROMO");
		field(row, "Promo");
	} else {
		out_text(row->out, broken(row, RULE_PRODUCT_UNKNOWN) ? "CCSP-X" : "CCSP-T");
		out_number(row->out, tier, 0);
		out_comma(row->out);
		out_text(row->out, broken(row, RULE_TIER_UNKNOWN) ? "Level " : "Tier ");
		out_number(row->out, named, 0);
		out_comma(row->out);
	}
	field(row, broken(row, RULE_QUANTITY_NOT_ONE)
		       ? ONE_OF(row->hash >> 18, "2", "0", "", "one", "\"1,0\"", "1.5", "-1")
		       : "1");
	row->alias = false;
	if (broken(row, RULE_CURRENCY_MISSING)) {
		out_comma(row->out);
	} else if (broken(row, RULE_CURRENCY_NOT_ALLOWED)) {
		field(row, ONE_OF(row->hash >> 20, "CHF", "XXX", "EURO", "$"));
	} else {
		row->alias = (row->hash >> 22) % 50 == 0;
		field(row,
		    row->alias ? "GBD" : ONE_OF(row->hash >> 20, "USD", "EUR", "GBP", "AUD", "JPY", "CAD"));
	}
}

static void login_fields(const struct row *row)
{
	if (broken(row, RULE_EMAIL_INVALID))
		out_text(
		    row->out, ONE_OF(row->hash >> 24, "no-at-sign.example.com", "user@", "two@@example.com",
				  "a b@example.com", "user@nodot", "a..b@example.com"));
	else if (!broken(row, RULE_EMAIL_MISSING))
		out_email(row->out, row->gen, row->login, 0);
	out_comma(row->out);
	if (broken(row, RULE_USERNAME_INVALID))
		out_text(row->out, "nickname");
	else if (!broken(row, RULE_EMAIL_MISSING) && !broken(row, RULE_EMAIL_INVALID) &&
		 (row->hash >> 26) % 5 < 2)
		out_email(row->out, row->gen, row->login, 0);
	out_comma(row->out);
	field(row, ONE_OF(row->hash >> 28, "Anna", "Jürgen", "Ελένη", "Tom"));
	field(row, ONE_OF(row->hash >> 30, "Reed", "Müller", "Παππά", "Hill"));
	field(row, row->conflict ? "+44 20 7946 0999" : "+44 20 7946 0001");
}

static void address_fields(const struct row *row)
{
	static const char *const cities[] = {"London", "Berlin", "Paris", "Athens", "København", "Madrid",
	    "Milano", "Zürich", "Αθήνα", "Leeds", "Austin", "Boston", "New York", "Utrecht", "Gent",
	    "Toronto"};
	static const char *const countries[] = {
	    "GB", "DE", "FR", "GR", "DK", "ES", "IT", "CH", "GR", "GB", "US", "US", "US", "NL", "BE", "CA"};
	unsigned form = (unsigned)(row->hash >> 32) % 100;
	size_t city = (row->hash >> 40) % ARRAY_LEN(cities),
	       missing = broken(row, RULE_BILLING_ADDRESS_INCOMPLETE) ? 1 + (row->hash >> 36) % 4 : 0;

	if (missing != 1) {
		out_text(row->out, form < 12 ? "\"" : "");
		out_number(row->out, 1 + (row->hash >> 34) % 300, 0);
		out_text(row->out, ONE_OF(row->hash >> 38, " High Street", " Hauptstraße", " Rue de la Paix",
				       " Main St", " Strandvejen"));
		out_text(row->out, form < 10 ? ", Flat 4\"" : form < 12 ? "\nFloor 2\"" : "");
	}
	out_comma(row->out);
	out_comma(row->out); /* Address 2 */
	field(row, missing == 2 ? ONE_OF(form, "", "  ", "\"\"") : cities[city]);
	out_comma(row->out); /* Region */
	if (missing != 3)
		out_number(row->out, (row->hash >> 44) % 100000, 5);
	out_comma(row->out);
	field(row, missing == 4 ? ONE_OF(form, "", "UK", "ZZ") : countries[city]);
}

static void last_fields(const struct row *row)
{
	field(row, broken(row, RULE_TERMS_NOT_ACCEPTED) ? ONE_OF(row->hash >> 48, "no", "", "No") : "yes");
	if (row->change) {
		out_text(row->out, "SUB-");
		out_number(row->out, row->account + 1, 9);
	}
	out_comma(row->out);
	out_line(row->out); /* Start Date */
}

static void write_row(struct row *row)
{
	order_fields(row);
	account_fields(row);
	product_fields(row);
	login_fields(row);
	address_fields(row);
	last_fields(row);
}

/* A plain row, or one that leans on another. Terms bind orders of the Storefront only: such a row says so. */
static struct row row_of(const struct gen *gen, struct out *out, uint64_t i, enum kind kind)
{
	struct row row = {.out = out,
	    .gen = gen,
	    .id = i,
	    .account = i,
	    .login = i,
	    .hash = gen_hash(gen, 22, i),
	    .broken = breaks(gen, i),
	    .pending = is_pending(gen, i),
	    .change = is_change(gen, i)};

	if (kind == PLAIN)
		goto done;
	if (kind == COPY)
		return row_of(gen, out, i - COPY_BACK, PLAIN);
	row.broken = 0;
	row.pending = true;
	row.change = false;
	if (kind == CONFLICT) {
		row = row_of(gen, out, i - CONFLICT_BACK, PLAIN);
		row.conflict = true;
	} else if (kind == SECOND_CONTRACT) {
		row.account = row.login = i - CONTRACT_BACK;
	} else if (kind == LOGIN_TAKEN) {
		row.login = i - LOGIN_BACK;
	}
done:
	if (row.broken & RULE_BIT(RULE_TERMS_NOT_ACCEPTED))
		row.hash |= UINT64_C(1) << 10;
	return row;
}

static void reject(struct orders_expected *e, uint64_t rules)
{
	e->rejected++;
	for (; rules; rules &= rules - 1)
		e->by_rule[__builtin_ctzll(rules)]++;
}

static void count_row(
    const struct gen *gen, const struct row *row, uint64_t i, enum kind kind, struct orders_expected *e)
{
	if (!row->pending)
		e->ignored_status++;
	else if (kind == COPY)
		e->repeated++;
	else if (kind == CONFLICT || (kind == PLAIN && is_victim(gen, i)))
		reject(e, RULE_BIT(RULE_ORDER_DUPLICATE));
	else if (kind == SECOND_CONTRACT)
		reject(e, RULE_BIT(RULE_CONTRACT_EXISTS));
	else if (kind == LOGIN_TAKEN)
		reject(e, RULE_BIT(RULE_USERNAME_TAKEN));
	else if (row->broken)
		reject(e, row->broken);
	else {
		e->accepted++;
		e->aliases += row->alias && !row->change;
	}
}

void gen_orders(const struct gen *gen, struct orders_expected *expected)
{
	struct out out;

	out_open(&out, gen, "orders.csv");
#define X(id, header, needed) out_text(&out, id == 0 ? header : "," header);
	ORDER_FIELDS(X)
#undef X
	out_line(&out);
	for (uint64_t i = 0; i < gen->rows; i++) {
		enum kind kind = kind_of(gen, i);
		if (kind == TOO_SHORT || kind == BAD_UTF8) {
			out_text(&out, kind == TOO_SHORT ? "ORD-SHORT,only,three"
							 : "ORD-BAD,,,,,,A,\xff"
							   "Caf\xe9,,,,,,,,,,,,,,,,,,,,");
			out_line(&out);
			reject(expected,
			    RULE_BIT(kind == TOO_SHORT ? RULE_ROW_MALFORMED : RULE_ENCODING_INVALID));
			continue;
		}
		struct row row = row_of(gen, &out, i, kind);
		write_row(&row);
		count_row(gen, &row, i, kind, expected);
	}
	expected->bytes = out_close(&out);
}
