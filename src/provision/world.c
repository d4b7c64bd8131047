/* What is there in Acronis: every tenant below the parent as one subtree listing gave it, deleted ones
 * included, with the four ways in which planning asks for one. Kept up to date by apply with each tenant it
 * reads or makes. How it is read and proved is world_load.c's.
 *
 * Names and account ids are compared as orders have them (account_name_normal), names with ASCII letters
 * folded, other bytes as they are: Acronis itself refuses a clash that this misses (code 1004), and that
 * answer is handled as well. */
#include <stdlib.h>
#include <strings.h>

#include "tenantry/mem.h"
#include "tenantry/provision.h"

/* One block of memory holds the record and its texts. */
struct entry {
	struct acronis_tenant tenant;
	const char *customer, *name; /* normalised */
	struct entry *next[4];       /* of the same slot, one chain an index */
	struct entry *older;         /* all entries */
	bool gone;                   /* replaced: out of all indexes */
	uint64_t put;                /* when its id first came: its number among all that were put */
};

enum index { BY_ID, BY_TAG, BY_CUSTOMER, BY_NAME, INDEX_COUNT };

struct world {
	char *parent;
	struct entry **slots[INDEX_COUNT];
	size_t slot_count; /* a power of two */
	size_t count;
	struct entry *newest;
	struct id_set absent; /* answered 404 to a GET by its id */
	uint64_t puts;        /* so many were put anew */
};

struct world *world_new(const char *parent)
{
	struct world *world = mem_zalloc(sizeof *world);

	world->parent = mem_strdup(parent ? parent : "");
	world->slot_count = 64;
	for (int i = 0; i < INDEX_COUNT; i++)
		world->slots[i] = mem_zalloc(world->slot_count * sizeof(struct entry *));
	return world;
}

void world_free(struct world *world)
{
	if (!world)
		return;
	for (struct entry *e = world->newest, *older; e; e = older) {
		older = e->older;
		free(e);
	}
	for (int i = 0; i < INDEX_COUNT; i++)
		free(world->slots[i]);
	id_set_free(&world->absent);
	free(world->parent);
	free(world);
}

static const char *text_of(const struct entry *entry, enum index index)
{
	switch (index) {
	case BY_ID:
		return entry->tenant.id;
	case BY_TAG:
		return entry->tenant.internal_tag;
	case BY_CUSTOMER:
		return entry->customer;
	default:
		return entry->name;
	}
}

/* FNV-1a over the text, letters folded where the index compares without case. */
static size_t slot_of(const struct world *world, enum index index, const char *text)
{
	bool fold = index == BY_ID || index == BY_NAME;
	uint64_t hash = UINT64_C(0xcbf29ce484222325);

	for (const char *p = text; *p; p++) {
		char c = fold && *p >= 'A' && *p <= 'Z' ? (char)(*p + ('a' - 'A')) : *p;
		hash = (hash ^ (unsigned char)c) * UINT64_C(0x100000001b3);
	}
	return (size_t)(hash ^ hash >> 32) & (world->slot_count - 1);
}

static void link_entry(struct world *world, struct entry *entry)
{
	for (int i = 0; i < INDEX_COUNT; i++) {
		const char *text = text_of(entry, (enum index)i);
		if (text[0] == '\0')
			continue;
		struct entry **slot = &world->slots[i][slot_of(world, (enum index)i, text)];
		entry->next[i] = *slot;
		*slot = entry;
	}
}

static void unlink_entry(struct world *world, struct entry *entry)
{
	for (int i = 0; i < INDEX_COUNT; i++) {
		const char *text = text_of(entry, (enum index)i);
		if (text[0] == '\0')
			continue;
		struct entry **at = &world->slots[i][slot_of(world, (enum index)i, text)];
		while (*at && *at != entry)
			at = &(*at)->next[i];
		if (*at)
			*at = entry->next[i];
	}
	entry->gone = true;
}

static void grow(struct world *world)
{
	world->slot_count *= 2;
	for (int i = 0; i < INDEX_COUNT; i++) {
		free(world->slots[i]);
		world->slots[i] = mem_zalloc(world->slot_count * sizeof(struct entry *));
	}
	for (struct entry *e = world->newest; e; e = e->older) {
		memset(e->next, 0, sizeof e->next);
		if (!e->gone)
			link_entry(world, e);
	}
}

enum { TEXT_COUNT = 19 };

static void texts_of(struct acronis_tenant *t, const char **texts[TEXT_COUNT])
{
	struct acronis_contact *c = &t->contact;
	const char **all[TEXT_COUNT] = {&t->id, &t->parent_id, &t->customer_id, &t->internal_tag, &t->name,
	    &t->kind, &t->pricing_mode, &t->updated_at, &t->deleted_at, &c->email, &c->first_name,
	    &c->last_name, &c->phone, &c->address1, &c->address2, &c->city, &c->state, &c->zipcode,
	    &c->country};

	memcpy(texts, all, sizeof all);
}

/* Gives where the next text goes. */
static char *put_text(char *at, const char **text)
{
	size_t n = (*text ? strlen(*text) : 0) + 1;

	memcpy(at, *text ? *text : "", n);
	*text = at;
	return at + n;
}

static struct entry *entry_new(const struct acronis_tenant *tenant)
{
	struct acronis_tenant copy = *tenant;
	const char **texts[TEXT_COUNT];
	struct strbuf customer = {0}, name = {0};

	account_name_normal(strv_of(copy.customer_id), &customer);
	account_name_normal(strv_of(copy.name), &name);
	size_t bytes = customer.n + name.n + 2;
	texts_of(&copy, texts);
	for (int i = 0; i < TEXT_COUNT; i++)
		bytes += (*texts[i] ? strlen(*texts[i]) : 0) + 1;
	struct entry *entry = mem_zalloc(sizeof *entry + bytes);
	char *at = (char *)(entry + 1);
	for (int i = 0; i < TEXT_COUNT; i++)
		at = put_text(at, texts[i]);
	entry->tenant = copy;
	entry->customer = customer.p;
	entry->name = name.p;
	put_text(put_text(at, &entry->customer), &entry->name);
	strbuf_free(&customer);
	strbuf_free(&name);
	return entry;
}

static struct entry *find(const struct world *world, enum index index, const char *text)
{
	return text && text[0] ? world->slots[index][slot_of(world, index, text)] : NULL;
}

static struct entry *find_id(const struct world *world, const char *id)
{
	for (struct entry *e = find(world, BY_ID, id); e; e = e->next[BY_ID])
		if (strv_eq_nocase(strv_of(e->tenant.id), strv_of(id)))
			return e;
	return NULL;
}

static bool same(const struct acronis_tenant *a, const struct acronis_tenant *b)
{
	struct acronis_tenant x = *a, y = *b;
	const char **of_x[TEXT_COUNT], **of_y[TEXT_COUNT];

	texts_of(&x, of_x);
	texts_of(&y, of_y);
	for (int i = 0; i < TEXT_COUNT; i++)
		if (!strv_eq(strv_of(*of_x[i]), strv_of(*of_y[i])))
			return false;
	return x.version == y.version && x.enabled == y.enabled && x.locked == y.locked;
}

void world_put(struct world *world, const struct acronis_tenant *tenant)
{
	struct entry *known = find_id(world, tenant->id);

	/* A look-up reads the whole subtree again: what did not change costs no memory. */
	if (known && same(&known->tenant, tenant))
		return;
	if (known)
		unlink_entry(world, known);
	else if (++world->count > world->slot_count)
		grow(world);
	struct entry *entry = entry_new(tenant);
	entry->put = known ? known->put : ++world->puts;
	entry->older = world->newest;
	world->newest = entry;
	link_entry(world, entry);
}

size_t world_count(const struct world *world)
{
	return world->count;
}

const char *world_parent(const struct world *world)
{
	return world->parent;
}

const struct acronis_tenant *world_by_id(const struct world *world, const char *id)
{
	const struct entry *entry = find_id(world, id);

	return entry ? &entry->tenant : NULL;
}

static bool is_live(const struct acronis_tenant *tenant)
{
	return tenant->deleted_at[0] == '\0';
}

void world_note_absent(struct world *world, const char *id)
{
	id_set_add(&world->absent, id);
}

bool world_is_absent(const struct world *world, const char *id)
{
	return id_set_has(&world->absent, id) && !find_id(world, id);
}

uint64_t world_mark(const struct world *world)
{
	return world->puts;
}

const struct acronis_tenant *world_child_not_in(
    const struct world *world, uint64_t mark, const struct id_set *ids)
{
	for (const struct entry *e = world->newest; e; e = e->older)
		if (!e->gone && e->put <= mark && is_live(&e->tenant) &&
		    strv_eq_nocase(strv_of(e->tenant.parent_id), strv_of(world->parent)) &&
		    !strv_eq_nocase(strv_of(e->tenant.id), strv_of(world->parent)) &&
		    !id_set_has(ids, e->tenant.id))
			return &e->tenant;
	return NULL;
}

const struct acronis_tenant *world_by_tag(const struct world *world, const char *internal_tag)
{
	const struct acronis_tenant *deleted = NULL;

	for (struct entry *e = find(world, BY_TAG, internal_tag); e; e = e->next[BY_TAG]) {
		if (strcmp(e->tenant.internal_tag, internal_tag) != 0)
			continue;
		if (is_live(&e->tenant))
			return &e->tenant;
		deleted = &e->tenant;
	}
	return deleted;
}

/* Directly, or in folders there. What belongs to a partner below us may carry whatever account id that
 * partner gave it. Foreign data may be a ring: the way up has an end. */
static bool stands_below_parent(const struct world *world, const struct acronis_tenant *tenant)
{
	enum { FOLDERS_MAX = 32 };
	const struct acronis_tenant *at = tenant;

	if (strv_eq_nocase(strv_of(tenant->id), strv_of(world->parent)))
		return false;
	for (int i = 0; i < FOLDERS_MAX; i++) {
		if (strv_eq_nocase(strv_of(at->parent_id), strv_of(world->parent)))
			return true;
		at = world_by_id(world, at->parent_id);
		if (!at || strcmp(at->kind, "folder") != 0)
			return false;
	}
	return false;
}

const struct acronis_tenant *world_by_customer(const struct world *world, const char *customer_id)
{
	const struct acronis_tenant *deleted = NULL, *live = NULL;
	struct strbuf wanted = {0};

	account_name_normal(strv_of(customer_id), &wanted);
	for (struct entry *e = find(world, BY_CUSTOMER, wanted.p); e && !live; e = e->next[BY_CUSTOMER]) {
		if (strcmp(e->customer, wanted.p) != 0 || strcmp(e->tenant.kind, "partner") != 0 ||
		    !stands_below_parent(world, &e->tenant))
			continue;
		if (is_live(&e->tenant))
			live = &e->tenant;
		else
			deleted = &e->tenant;
	}
	strbuf_free(&wanted);
	return live ? live : deleted;
}

/* A customer in a folder is passed over, as an observation does: both count alike. */
static bool is_counted(const struct world *world, const struct acronis_tenant *tenant)
{
	bool direct = strv_eq_nocase(strv_of(tenant->parent_id), strv_of(world->parent));
	bool deep =
	    tenant->kind[0] && strcmp(tenant->kind, "partner") != 0 && strcmp(tenant->kind, "folder") != 0;

	return is_live(tenant) && (direct || !deep) && stands_below_parent(world, tenant);
}

uint64_t world_listed(const struct world *world)
{
	uint64_t count = 0;

	for (const struct entry *e = world->newest; e; e = e->older)
		count += !e->gone && is_counted(world, &e->tenant);
	return count;
}

const struct acronis_tenant *world_by_name(const struct world *world, const char *name)
{
	const struct acronis_tenant *found = NULL;
	struct strbuf wanted = {0};

	account_name_normal(strv_of(name), &wanted);
	for (struct entry *e = find(world, BY_NAME, wanted.p); e && !found; e = e->next[BY_NAME])
		if (strv_eq_nocase(strv_of(e->name), strbuf_view(&wanted)) && is_live(&e->tenant) &&
		    strv_eq_nocase(strv_of(e->tenant.parent_id), strv_of(world->parent)) &&
		    !strv_eq_nocase(strv_of(e->tenant.id), strv_of(world->parent)))
			found = &e->tenant;
	strbuf_free(&wanted);
	return found;
}

bool tenant_names_another(const struct acronis_tenant *tenant, const char *account_id)
{
	struct strbuf theirs = {0}, ours = {0};

	account_name_normal(strv_of(tenant->customer_id), &theirs);
	account_name_normal(strv_of(account_id), &ours);
	bool another = theirs.n > 0 && !strv_eq(strbuf_view(&theirs), strbuf_view(&ours));
	strbuf_free(&theirs);
	strbuf_free(&ours);
	return another;
}

/* ---- How many there are. */

uint64_t world_contracts(const struct world *world)
{
	uint64_t contracts = 0;

	for (const struct entry *e = world->newest; e; e = e->older)
		contracts += !e->gone && is_live(&e->tenant) && stands_below_parent(world, &e->tenant);
	return contracts;
}

static int by_id(const void *a, const void *b)
{
	return strcasecmp(*(const char *const *)a, *(const char *const *)b);
}

/* Foreign data may be a ring: the way up has an end. */
static bool is_below_one(
    const struct world *world, const struct acronis_tenant *tenant, const char *const *ids, size_t count)
{
	enum { LEVELS_MAX = 32 };

	for (int i = 0; i < LEVELS_MAX && tenant; i++) {
		if (bsearch(&tenant->parent_id, ids, count, sizeof *ids, by_id))
			return true;
		tenant = world_by_id(world, tenant->parent_id);
	}
	return false;
}

uint64_t world_customers_below(const struct world *world, const char *const *ids, size_t count)
{
	const char **sorted = mem_zalloc((count + 1) * sizeof *sorted);
	uint64_t customers = 0;

	if (count > 0) {
		memcpy(sorted, ids, count * sizeof *sorted);
		qsort(sorted, count, sizeof *sorted, by_id);
	}
	for (const struct entry *e = world->newest; count > 0 && e; e = e->older)
		customers += !e->gone && is_live(&e->tenant) && strcmp(e->tenant.kind, "customer") == 0 &&
			     is_below_one(world, &e->tenant, sorted, count);
	free(sorted);
	return customers;
}
