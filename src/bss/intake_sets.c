/* What the rows of one intake are to each other, in bounded memory. The first pass finds what may occur twice
 * (hashes), and only that is then looked at by id, in maps that spill to disk. A row that nobody repeats
 * costs three hashes a pass. */
#include "bss/intake_sets.h"

#include <stdlib.h>

#include "bss/repeat_finder.h"
#include "bss/spill_map.h"
#include "tenantry/digest.h"
#include "tenantry/mem.h"

enum { MAP_LIMIT = 3 * 1024 * 1024, LOGIN_MAX = 320 };

struct place_record {
	uint64_t line;
	uint64_t file;
};

/* Whose a row is: hashes of its account and its order. */
struct whose {
	uint64_t account, order;
};

struct row_record {
	struct digest first; /* content of the first row */
	struct place_record at, other;
	struct whose of_first, of_other;
	uint64_t differs;
};

struct intake_sets {
	const struct source_files *files;
	enum order_key order_key;
	struct repeat_finder *finder;
	struct spill_map *items;    /* key -> row_record */
	struct spill_map *seen;     /* key, content -> nothing: rows that were judged */
	struct spill_map *accounts; /* account id -> place of its accepted new item */
	struct spill_map *logins;   /* login -> place and account id */
	struct strbuf scratch;
	/* of the order that is being met */
	struct digest content;
	bool account_repeats, login_repeats;
};

struct intake_sets *intake_sets_new(const struct source_files *files, enum order_key order_key)
{
	struct intake_sets *sets = mem_zalloc(sizeof *sets);

	sets->files = files;
	sets->order_key = order_key;
	sets->finder = repeat_finder_new(files->bytes);
	sets->items = spill_map_new(MAP_LIMIT);
	sets->seen = spill_map_new(MAP_LIMIT);
	sets->accounts = spill_map_new(MAP_LIMIT);
	sets->logins = spill_map_new(MAP_LIMIT);
	return sets;
}

void intake_sets_free(struct intake_sets *sets)
{
	if (!sets)
		return;
	repeat_finder_free(sets->finder);
	spill_map_free(sets->items);
	spill_map_free(sets->seen);
	spill_map_free(sets->accounts);
	spill_map_free(sets->logins);
	strbuf_free(&sets->scratch);
	free(sets);
}

/* Logins are compared ASCII case-blind. One longer than any mail address is cut: it is rejected for its form
 * anyway. */
static struct strv lower_login(struct strv login, char out[LOGIN_MAX])
{
	size_t n = login.n < LOGIN_MAX ? login.n : LOGIN_MAX;

	for (size_t i = 0; i < n; i++)
		out[i] =
		    (char)(login.p[i] >= 'A' && login.p[i] <= 'Z' ? login.p[i] + ('a' - 'A') : login.p[i]);
	return (struct strv){out, n};
}

/* Equal for logins that differ in case only; equal for some others too, which a hint may be. */
static uint64_t login_hash(struct strv login)
{
	char folded[LOGIN_MAX];
	size_t n = login.n < LOGIN_MAX ? login.n : LOGIN_MAX;

	for (size_t i = 0; i < n; i++)
		folded[i] = (char)(login.p[i] | 0x20);
	return digest64((struct strv){folded, n});
}

void intake_sets_mark(
    struct intake_sets *sets, struct strv key, struct strv account_id, struct strv login, uint32_t block)
{
	if (key.n > 0)
		repeat_finder_add(sets->finder, REPEAT_ITEM, digest64(key), block);
	if (account_id.n > 0)
		repeat_finder_add(sets->finder, REPEAT_ACCOUNT, digest64(account_id), block);
	if (login.n > 0)
		repeat_finder_add(sets->finder, REPEAT_LOGIN, login_hash(login), block);
}

int intake_sets_marked(struct intake_sets *sets, struct error *err)
{
	return repeat_finder_finish(sets->finder, err);
}

bool intake_sets_collects(const struct intake_sets *sets)
{
	return repeat_finder_count(sets->finder, REPEAT_ITEM) > 0;
}

bool intake_sets_in_block(const struct intake_sets *sets, uint32_t block)
{
	return repeat_finder_block(sets->finder, block);
}

bool intake_sets_is_candidate(const struct intake_sets *sets, struct strv key)
{
	return key.n > 0 && repeat_finder_maybe(sets->finder, REPEAT_ITEM, digest64(key));
}

static struct order_place place_of(const struct intake_sets *sets, struct place_record record)
{
	return (struct order_place){sets->files->items[record.file].shown, (unsigned long)record.line};
}

static struct strv bytes_of(const void *p, size_t n)
{
	return (struct strv){p, n};
}

static bool same_digest(struct digest a, struct digest b)
{
	return a.high == b.high && a.low == b.low;
}

static struct whose whose(const struct order *order)
{
	return (struct whose){digest64(order->field[ORDER_ACCOUNT_ID]), digest64(order->field[ORDER_ID])};
}

int intake_sets_collect(struct intake_sets *sets, const struct order *order, size_t file, struct error *err)
{
	struct row_record record = {.first = order_row_digest(order, sets->order_key, &sets->scratch),
	    .at = {order->line, file},
	    .of_first = whose(order)};
	struct strv value;
	int found = spill_map_get(sets->items, order->key, &value, err);

	if (found < 0)
		return -1;
	if (found) {
		struct digest content = record.first;
		memcpy(&record, value.p, sizeof record);
		if (record.differs || same_digest(content, record.first))
			return 0;
		record.differs = 1;
		record.other = (struct place_record){order->line, file};
		record.of_other = whose(order);
	}
	return spill_map_put(sets->items, order->key, bytes_of(&record, sizeof record), err);
}

/* Was a row with this key and content met before? From now on it was. */
static int seen_before(struct intake_sets *sets, const struct order *order, struct error *err)
{
	struct strv value;

	strbuf_clear(&sets->scratch);
	strbuf_add(&sets->scratch, (const char *)&sets->content, sizeof sets->content);
	strbuf_addv(&sets->scratch, order->key);
	int found = spill_map_get(sets->seen, strbuf_view(&sets->scratch), &value, err);
	if (found != 0)
		return found;
	return spill_map_put(sets->seen, strbuf_view(&sets->scratch), STRV(""), err);
}

int intake_sets_meet_item(struct intake_sets *sets, struct order *order, size_t file, struct error *err)
{
	struct row_record record;
	struct strv value;

	if (!intake_sets_is_candidate(sets, order->key))
		return 0;
	int found = spill_map_get(sets->items, order->key, &value, err);
	if (found <= 0)
		return found;
	memcpy(&record, value.p, sizeof record);
	sets->content = order_row_digest(order, sets->order_key, &sets->scratch);
	bool is_first = record.at.file == file && record.at.line == order->line;
	if (record.differs) {
		bool like_first = is_first || same_digest(sets->content, record.first);
		struct whose ours = whose(order), others = like_first ? record.of_other : record.of_first;
		order->duplicate_of = place_of(sets, like_first ? record.other : record.at);
		order->duplicate_is_others = ours.account != others.account || ours.order != others.order;
	}
	return seen_before(sets, order, err);
}

int intake_sets_meet_accepted(struct intake_sets *sets, struct order *order, struct error *err)
{
	struct strv account = order->field[ORDER_ACCOUNT_ID], value;
	struct place_record record;
	char lower[LOGIN_MAX];
	int found;

	sets->account_repeats = order->action == ACTION_NEW && account.n > 0 &&
				repeat_finder_maybe(sets->finder, REPEAT_ACCOUNT, digest64(account));
	sets->login_repeats = rules_login_counts(order) &&
			      repeat_finder_maybe(sets->finder, REPEAT_LOGIN, login_hash(order->login));
	if (sets->account_repeats) {
		found = spill_map_get(sets->accounts, account, &value, err);
		if (found < 0)
			return -1;
		if (found) {
			memcpy(&record, value.p, sizeof record);
			order->contract_before = place_of(sets, record);
		}
	}
	if (!sets->login_repeats)
		return 0;
	found = spill_map_get(sets->logins, lower_login(order->login, lower), &value, err);
	if (found <= 0)
		return found;
	memcpy(&record, value.p, sizeof record);
	if (!strv_eq(bytes_of(value.p + sizeof record, value.n - sizeof record), account))
		order->login_before = place_of(sets, record);
	return 0;
}

static int keep_login(
    struct intake_sets *sets, const struct order *order, struct place_record at, struct error *err)
{
	struct strv old;
	char lower[LOGIN_MAX];
	struct strv login = lower_login(order->login, lower);

	int found = spill_map_get(sets->logins, login, &old, err);
	if (found != 0)
		return found < 0 ? -1 : 0;
	strbuf_clear(&sets->scratch);
	strbuf_add(&sets->scratch, (const char *)&at, sizeof at);
	strbuf_addv(&sets->scratch, order->field[ORDER_ACCOUNT_ID]);
	return spill_map_put(sets->logins, login, strbuf_view(&sets->scratch), err);
}

int intake_sets_accept(struct intake_sets *sets, const struct order *order, size_t file, struct error *err)
{
	struct place_record at = {order->line, file};
	struct strv account = order->field[ORDER_ACCOUNT_ID];

	if (sets->account_repeats &&
	    spill_map_put(sets->accounts, account, bytes_of(&at, sizeof at), err) < 0)
		return -1;
	return sets->login_repeats ? keep_login(sets, order, at, err) : 0;
}
