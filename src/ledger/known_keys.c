/* Which keys and orders the ledger surely does not know, without asking the store: intake asks about each row
 * of the order file, and most are new. A Bloom filter of 32 bits an item, 16 for its key and 16 for its order
 * (about one in 400 unknown ones is looked up in vain); it can only say "no" wrongly of what another process
 * has put since, and gives up when one has. */
#include "ledger_impl.h"

#include <stdlib.h>

#include "tenantry/digest.h"
#include "tenantry/mem.h"
#include "sql.h"

enum { BITS_AN_ITEM = 32, PROBES = 4, LEAST_ITEMS = 65536, TRUSTED_LOOKUPS = 1024 };

/* The one number that a query gives. */
static int ask_number(struct ledger *ledger, const char *sql, int64_t *out, struct error *err)
{
	struct query q;
	int rc;

	if (query_begin(&q, ledger, sql, NULL, err) < 0)
		return -1;
	if ((rc = query_step(&q)) > 0)
		*out = next_int(&q);
	return query_end(&q, rc);
}

/* Two halves of one digest make as many independent places as are wanted (Kirsch and Mitzenmacher). */
static size_t place(const struct known_keys *known, uint64_t digest, uint64_t probe)
{
	return (size_t)((digest + probe * (digest >> 32 | 1)) & known->mask);
}

/* Orders and lines have places of their own: the same text may be a key, an order and an item. */
static uint64_t order_digest(struct strv order_id)
{
	return digest64(order_id) ^ UINT64_C(0x9e3779b97f4a7c15);
}

static uint64_t line_digest(struct strv item_id)
{
	return digest64(item_id) ^ UINT64_C(0xc2b2ae3d27d4eb4f);
}

/* Is the item's id not its key? As the index items_by_item has it. */
static bool is_line(struct strv key, struct strv item_id)
{
	const char *slash = memchr(key.p, '/', key.n);
	struct strv id = slash ? (struct strv){slash + 1, key.n - (size_t)(slash + 1 - key.p)} : key;

	return item_id.n > 0 && !strv_eq(id, item_id);
}

static void set_bits(struct known_keys *known, uint64_t digest)
{
	for (uint64_t probe = 0; probe < PROBES; probe++) {
		size_t bit = place(known, digest, probe);
		known->bits[bit / 8] |= (unsigned char)(1 << bit % 8);
	}
}

void known_keys_add(struct known_keys *known, struct strv key, struct strv order_id, struct strv item_id)
{
	if (!known->bits)
		return;
	set_bits(known, digest64(key));
	set_bits(known, order_digest(order_id));
	if (is_line(key, item_id))
		set_bits(known, line_digest(item_id));
}

static bool may_know(const struct known_keys *known, uint64_t digest)
{
	for (uint64_t probe = 0; probe < PROBES; probe++) {
		size_t bit = place(known, digest, probe);
		if (!(known->bits[bit / 8] >> bit % 8 & 1))
			return false;
	}
	return true;
}

static int load(struct ledger *ledger, struct error *err)
{
	struct known_keys *known = &ledger->known;
	int64_t items = 0;
	size_t bits = (size_t)LEAST_ITEMS * BITS_AN_ITEM;
	struct query q;
	int rc;

	if (ask_number(ledger, sql_items_count, &items, err) < 0 ||
	    query_begin(&q, ledger, sql_items_keys, NULL, err) < 0)
		return -1;
	while (bits < (size_t)items * BITS_AN_ITEM)
		bits *= 2;
	known->bits = mem_zalloc(bits / 8);
	known->mask = bits - 1;
	while ((rc = query_step(&q)) > 0) {
		const char *key = next_text(&q), *order_id = next_text(&q), *item_id = next_text(&q);
		known_keys_add(known, strv_of(key), strv_of(order_id), strv_of(item_id));
	}
	/* Half of them would deny the other half. */
	if (rc < 0)
		known_keys_free(known);
	return query_end(&q, rc);
}

void known_keys_free(struct known_keys *known)
{
	free(known->bits);
	known->bits = NULL;
	known->given_up = true;
}

/* Now and then: has another process written? */
static int look_around(struct ledger *ledger, struct error *err)
{
	struct known_keys *known = &ledger->known;
	int64_t version = 0;

	if (ask_number(ledger, sql_data_version, &version, err) < 0)
		return -1;
	if (known->bits && version != known->data_version) {
		known_keys_free(known);
		return 0;
	}
	if (!known->bits && load(ledger, err) < 0)
		return -1;
	known->data_version = version;
	known->trusted = TRUSTED_LOOKUPS;
	return 0;
}

static int may_have(struct ledger *ledger, uint64_t digest, struct error *err)
{
	struct known_keys *known = &ledger->known;

	if (!known->given_up && known->trusted == 0 && look_around(ledger, err) < 0)
		return -1;
	if (known->given_up)
		return 1;
	known->trusted--;
	return may_know(known, digest);
}

int known_keys_may_have(struct ledger *ledger, struct strv key, struct error *err)
{
	return may_have(ledger, digest64(key), err);
}

int known_keys_may_have_order(struct ledger *ledger, struct strv order_id, struct error *err)
{
	return may_have(ledger, order_digest(order_id), err);
}

int known_keys_may_have_line(struct ledger *ledger, struct strv item_id, struct error *err)
{
	return may_have(ledger, line_digest(item_id), err);
}
