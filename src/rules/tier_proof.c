/* The verdict about the table of tiers; see tier_proof.h. How the two numberings are put into words is
 * tier_reading.c. */
#include "tenantry/tier_proof.h"

#include <inttypes.h>

#include "tenantry/mem.h"

enum { EXAMPLES_MAX = 3, LEVEL_MAX = 8, OFFSETS = 21, OFFSET_ZERO = 10 };

struct proving {
	const struct tier_evidence *evidence;
	struct arena *arena;
	struct tier_proof out;
	bool confirmed_proves, confirmed_differs;
	bool partners_prove;
	size_t differ, supporters; /* partners: all that differ; those of the commonest offset */
	size_t prices_equal, prices_differ;
};

const char *tier_verdict_name(enum tier_verdict verdict)
{
	static const char *const names[] = {
#define X(id, name) [id] = name,
	    TIER_VERDICTS(X)
#undef X
	};

	return names[verdict];
}

static void note(struct proving *p, const char *text)
{
	if (p->out.note_count < TIER_NOTES_MAX)
		p->out.notes[p->out.note_count++] = text;
}

static const char *s_of(size_t n)
{
	return n == 1 ? "" : "s";
}

/* ---- The partner that a person looked up. */

static void judge_confirmed(struct proving *p)
{
	const struct tier_confirmed *c = &p->evidence->confirmed;

	if (!c->tier) {
		note(p, "contract.confirmed names no partner");
		return;
	}
	p->confirmed_differs = !c->has_value || c->value != c->tier->acronis;
	p->confirmed_proves = !p->confirmed_differs && tier_is_counted(c->tier);
	if (!c->has_value)
		note(p, arena_printf(p->arena,
			    "contract.confirmed: tenant %s has no tier_level_value, but %s is mapped to %d",
			    c->tenant_id, c->tier->name, c->tier->acronis));
	else if (p->confirmed_differs)
		note(p, arena_printf(p->arena,
			    "contract.confirmed: tenant %s has tier_level_value %" PRId64
			    ", but %s is mapped to %d",
			    c->tenant_id, c->value, c->tier->name, c->tier->acronis));
	else if (p->confirmed_proves)
		note(p, arena_printf(p->arena, "contract.confirmed: tenant %s is on %s, value %d as mapped",
			    c->tenant_id, c->tier->name, c->tier->acronis));
	else
		note(p, arena_printf(p->arena,
			    "contract.confirmed: tenant %s is on %s, value %d as mapped, which is %d however "
			    "tiers are counted: it proves nothing",
			    c->tenant_id, c->tier->name, c->tier->acronis, c->tier->acronis));
}

/* ---- The partners that the BSS bills. */

static int64_t offset_of(const struct tier_witness *w)
{
	return w->value - w->tier->acronis;
}

/* A partner without a commitment (-1), or on a custom one (-2), differs from a paid tier, but no other count
 * of the tiers explains it: its tier was never set. */
static bool has_offset(const struct tier_witness *w, int64_t offset)
{
	return w->value >= 0 && offset_of(w) == offset;
}

static size_t count_offset(const struct tier_evidence *e, int64_t offset)
{
	size_t n = 0;

	for (size_t i = 0; i < e->witness_count; i++)
		n += has_offset(&e->witnesses[i], offset);
	return n;
}

static void find_offset(struct proving *p)
{
	for (int64_t i = -OFFSET_ZERO; i < OFFSETS - OFFSET_ZERO; i++) {
		size_t n = i == 0 ? 0 : count_offset(p->evidence, i);
		if (n <= p->supporters)
			continue;
		p->supporters = n;
		p->out.offset = i;
	}
}

/* "tenant ID (Tier 1) has 1, not 0; ...": the first few of those that differ; with an offset, by that. */
static const char *examples(struct proving *p, int64_t offset)
{
	const struct tier_evidence *e = p->evidence;
	struct strbuf text = {0};
	size_t shown = 0;

	for (size_t i = 0; i < e->witness_count && shown < EXAMPLES_MAX; i++) {
		const struct tier_witness *w = &e->witnesses[i];
		if (offset ? !has_offset(w, offset) : offset_of(w) == 0)
			continue;
		strbuf_addf(&text, "%stenant %s (%s) has %" PRId64 ", not %d", shown ? "; " : "",
		    w->tenant_id, w->tier->name, w->value, w->tier->acronis);
		shown++;
	}
	const char *kept = arena_strdup(p->arena, text.p ? text.p : "");
	strbuf_free(&text);
	return kept;
}

static void note_partners(struct proving *p)
{
	const struct tier_evidence *e = p->evidence;
	const char *of = e->possible > e->witness_count
			     ? arena_printf(p->arena, " of %zu that might speak", e->possible)
			     : "";

	if (e->witness_count == 0)
		note(p, "no paid partner of the BSS can be compared: none that we did not put on its tier "
			"ourselves");
	else if (p->differ > 0)
		note(p, arena_printf(p->arena, "%zu of %zu paid partner%s compared (%s)%s differ%s: %s",
			    p->differ, e->witness_count, s_of(e->witness_count), e->as_of, of,
			    p->differ == 1 ? "s" : "", examples(p, 0)));
	else if (e->witness_count < TIER_PARTNERS_NEEDED)
		note(
		    p, arena_printf(p->arena, "%zu paid partner%s compared (%s)%s agree%s, and %d are needed",
			   e->witness_count, s_of(e->witness_count), e->as_of, of,
			   e->witness_count == 1 ? "s" : "", TIER_PARTNERS_NEEDED));
	else
		note(p, arena_printf(p->arena, "all %zu paid partners compared (%s)%s agree",
			    e->witness_count, e->as_of, of));
}

static void judge_partners(struct proving *p)
{
	const struct tier_evidence *e = p->evidence;

	for (size_t i = 0; i < e->witness_count; i++)
		p->differ += offset_of(&e->witnesses[i]) != 0;
	p->out.partners = e->witness_count;
	p->out.agree = e->witness_count - p->differ;
	p->partners_prove = e->witness_count >= TIER_PARTNERS_NEEDED && p->differ == 0;
	find_offset(p);
	note_partners(p);
}

/* ---- The price list: the only word of Acronis about what it bills. */

enum reading { READ_AMOUNT, READ_NOT, READ_LEVEL };

/* The format is not published. Plain digits with or without decimals are an amount; anything else is not
 * guessed at, and a single digit may as well be the number of a level. */
static enum reading read_commitment(const char *text, const char *currency, struct money *out)
{
	size_t whole = strspn(text, "0123456789"),
	       part = text[whole] == '.' ? strspn(text + whole + 1, "0123456789") : 0;
	bool plain = whole > 0 && text[whole + (part ? part + 1 : 0)] == '\0';
	int64_t level;

	if (strv_to_int64(strv_of(text), &level) && level >= -LEVEL_MAX && level <= LEVEL_MAX)
		return READ_LEVEL;
	return plain && money_parse(strv_of(text), currency, out) ? READ_AMOUNT : READ_NOT;
}

enum match { MATCH_EQUAL, MATCH_DIFFERS, MATCH_NO_AMOUNT };

/* Against the rows of the table with this value. *row: the one to name. */
static enum match match_commitment(
    const struct job *job, int64_t value, const struct money *amount, const struct tier **row)
{
	int currency = currency_index(strv_of(amount->currency));
	enum match match = MATCH_NO_AMOUNT;

	*row = NULL;
	for (size_t i = 0; i < job->contract.tier_count; i++) {
		const struct tier *tier = &job->contract.tiers[i];
		if (tier->acronis != value)
			continue;
		if (!*row)
			*row = tier;
		if (currency < 0 || !tier->commitment[currency].currency[0])
			continue;
		if (tier->commitment[currency].minor == amount->minor) {
			*row = tier;
			return MATCH_EQUAL;
		}
		if (match == MATCH_NO_AMOUNT)
			*row = tier;
		match = MATCH_DIFFERS;
	}
	return match;
}

static void judge_amount(struct proving *p, const struct tier_price *price, const struct money *amount)
{
	const struct job *job = p->evidence->job;
	const char *said = arena_printf(p->arena, "the price list of tenant %s for %s says %.16s %.8s",
	    price->tenant_id, price->month, price->commitment, price->currency);
	char text[MONEY_TEXT_SIZE];
	const struct tier *row;

	switch (match_commitment(job, price->value, amount, &row)) {
	case MATCH_EQUAL:
		p->prices_equal++;
		note(p, arena_printf(p->arena, "%s: the commitment of %s, which is value %" PRId64, said,
			    row->name, price->value));
		break;
	case MATCH_DIFFERS:
		p->prices_differ++;
		money_text(row->commitment[currency_index(strv_of(amount->currency))], text);
		note(p, arena_printf(p->arena,
			    "%s, but the tenant has value %" PRId64 ", which the table has as %s, %s %s",
			    said, price->value, row->name, text, amount->currency));
		break;
	default:
		note(p, arena_printf(p->arena, "%s: %s has no commitment in %.8s to compare it with", said,
			    row ? row->name
				: arena_printf(p->arena, "value %" PRId64 " of the table", price->value),
			    price->currency));
	}
}

static enum reading read_price(const struct tier_price *price, struct money *amount)
{
	return currency_is_code(strv_of(price->currency))
		   ? read_commitment(price->commitment, price->currency, amount)
		   : READ_NOT;
}

bool tier_price_differs(const struct job *job, const struct tier_price *price)
{
	struct money amount = {0};
	const struct tier *row;

	return price->answer == PRICE_SAID && read_price(price, &amount) == READ_AMOUNT &&
	       match_commitment(job, price->value, &amount, &row) == MATCH_DIFFERS;
}

static void judge_said(struct proving *p, const struct tier_price *price)
{
	struct money amount = {0};
	enum reading reading = read_price(price, &amount);

	if (reading == READ_AMOUNT) {
		judge_amount(p, price, &amount);
		return;
	}
	note(p,
	    arena_printf(p->arena,
		"the price list of tenant %s for %s says \"%.16s\" in \"%.8s\": %s, so it proves nothing",
		price->tenant_id, price->month, price->commitment, price->currency,
		reading == READ_LEVEL ? "an amount or the number of a level" : "not readable as an amount"));
}

static void judge_price(struct proving *p, const struct tier_price *price)
{
	if (price->answer == PRICE_SAID)
		judge_said(p, price);
	else if (price->answer == PRICE_FORBIDDEN)
		note(p, arena_printf(p->arena, "the price list is refused (%s)%s%s, so it proves nothing",
			    price->text, price->scope[0] ? ": the API client lacks the scope " : "",
			    price->scope));
	else
		note(p, arena_printf(p->arena, "the price list of tenant %s gives nothing: %s",
			    price->tenant_id, price->text));
}

static void judge_prices(struct proving *p)
{
	const struct tier_evidence *e = p->evidence;

	for (size_t i = 0; i < e->price_count; i++)
		judge_price(p, &e->prices[i]);
	if (e->prices_asked && e->price_count == 0)
		note(p, "the price list was not asked: no partner on a paid tier is known whose commitment "
			"the table has");
}

/* ---- All of it. */

static bool partners_contradict(const struct proving *p)
{
	return p->evidence->witness_count >= TIER_PARTNERS_NEEDED &&
	       2 * p->supporters > p->evidence->witness_count;
}

static void contradicted(struct proving *p)
{
	const struct job *job = p->evidence->job;
	int64_t offset = p->out.offset;

	p->out.verdict = TIERS_CONTRADICTED;
	p->out.summary = arena_printf(p->arena,
	    "contract.tiers is contradicted: of %zu paid partner%s %zu have a tier_level_value that is %" PRId64
	    " %s than the table's: %s. As the table has it: %s. As Acronis has it: %s",
	    p->out.partners, s_of(p->out.partners), p->supporters, offset < 0 ? -offset : offset,
	    offset < 0 ? "less" : "more", examples(p, offset), tier_reading(job, 0, p->arena),
	    tier_reading(job, offset, p->arena));
	p->out.advice =
	    "correct the acronis values in contract.tiers; where the table is right, correct the partners' tiers in "
	    "the management portal, or what the BSS bills";
}

static void confirmed_contradicts(struct proving *p)
{
	const struct tier_confirmed *c = &p->evidence->confirmed;
	int64_t offset = c->has_value && c->value >= 0 ? c->value - c->tier->acronis : 0;
	const char *other = offset == 0 ? ""
					: arena_printf(p->arena, ". As Acronis has this partner: %s",
					      tier_reading(p->evidence->job, offset, p->arena));

	p->out.verdict = TIERS_CONTRADICTED;
	p->out.offset = offset;
	p->out.summary = arena_printf(p->arena, "%s. As the table has it: %s%s", p->out.notes[0],
	    tier_reading(p->evidence->job, 0, p->arena), other);
	p->out.advice =
	    "correct the acronis values in contract.tiers (they may be off by one), or confirm another partner";
}

static void unproved(struct proving *p)
{
	p->out.verdict = TIERS_UNPROVED;
	p->out.offset = 0;
	p->out.summary =
	    p->prices_differ > 0
		? "contract.tiers is not proved: a price list says another commitment than the table"
		: "contract.tiers is not proved: whether Tier N is the value N or N-1 nobody has shown";
	p->out.advice =
	    p->prices_differ > 0
		? "find out what is right: the partner's tier in the management portal, or commitment and acronis "
		  "value of the table"
		: "look the tier of a partner on a paid tier up in the management portal, and name it under "
		  "contract.confirmed";
}

static void proved(struct proving *p)
{
	const struct {
		bool holds;
		const char *name;
	} ways[] = {{p->confirmed_proves, "contract.confirmed"}, {p->prices_equal > 0, "the price list"},
	    {p->partners_prove, "paid partners that agree"}};
	struct strbuf by = {0};

	for (size_t i = 0; i < ARRAY_LEN(ways); i++)
		if (ways[i].holds)
			strbuf_addf(&by, "%s%s", by.n ? ", " : "", ways[i].name);
	p->out.verdict = TIERS_PROVED;
	p->out.offset = 0;
	p->out.by = arena_strdup(p->arena, by.p);
	p->out.summary = arena_printf(p->arena, "contract.tiers is proved by %s", by.p);
	strbuf_free(&by);
}

struct tier_proof tier_prove(const struct tier_evidence *evidence, struct arena *arena)
{
	struct proving p = {.evidence = evidence, .arena = arena, .out = {.by = "", .advice = ""}};

	judge_confirmed(&p);
	judge_partners(&p);
	judge_prices(&p);
	if (partners_contradict(&p))
		contradicted(&p);
	else if (p.confirmed_differs)
		confirmed_contradicts(&p);
	else if (p.prices_differ == 0 && (p.confirmed_proves || p.prices_equal > 0 || p.partners_prove))
		proved(&p);
	else
		unproved(&p);
	return p.out;
}
