/* The BSS's subscriptions as records. A row that cannot be used is quarantined with its reason; nothing is
 * guessed.
 *
 * Decided here, where the design is silent: the status words below (a site's own come first); `In-Active`,
 * seen in a real export, is a contract that has ended (domain notes section 2 deletes tenants of inactive
 * subscriptions only). Rows are the same when all that we read of them is the same. Memory: 120 bytes a
 * record and its texts, of which frequent ones (tier, product, quantity, sync status) are kept once. */
#include "tenantry/subscription.h"

#include <stdio.h>
#include <stdlib.h>

#include "bss/input_files.h"
#include "bss/source_columns.h"
#include "tenantry/csv.h"
#include "tenantry/mem.h"
#include "tenantry/placeholder.h"
#include "tenantry/text_index.h"

#define COLUMNS(X) /* id, header, need */                                                                    \
	X(SUB_ID, "Subscription Id", CSV_NEEDED)                                                             \
	X(SUB_EXTERNAL_ID, "Subscription External Id", CSV_OPTIONAL)                                         \
	X(SUB_ACCOUNT_ID, "Account Id", CSV_NEEDED)                                                          \
	X(SUB_ACCOUNT, "Account", CSV_OPTIONAL)                                                              \
	X(SUB_USERNAME, "Username", CSV_OPTIONAL)                                                            \
	X(SUB_TIER, "Tier", CSV_EITHER)                                                                      \
	X(SUB_PRODUCT_CODE, "Product Code", CSV_EITHER)                                                      \
	X(SUB_STATUS, "Status", CSV_NEEDED)                                                                  \
	X(SUB_QUANTITY, "Quantity", CSV_OPTIONAL)                                                            \
	X(SUB_CURRENCY, "Currency", CSV_NEEDED)                                                              \
	X(SUB_START_DATE, "Start Date", CSV_OPTIONAL)                                                        \
	X(SUB_END_DATE, "End Date", CSV_OPTIONAL)                                                            \
	X(SUB_RAMP_UP_MONTHS, "Ramp Up Months", CSV_OPTIONAL)                                                \
	X(SUB_IS_TRIAL, "Is Trial", CSV_OPTIONAL)                                                            \
	X(SUB_SYNC_STATUS, "Provisioning Sync Status", CSV_OPTIONAL)                                         \
	X(SUB_UPDATED_AT, "Updated At", CSV_OPTIONAL)

enum column {
#define X(id, header, need) id,
	COLUMNS(X)
#undef X
	    COLUMN_COUNT
};

static const struct csv_column columns[COLUMN_COUNT] = {
#define X(id, header, need) {header, need},
    COLUMNS(X)
#undef X
};

const struct csv_column *subscription_columns(size_t *count)
{
	*count = COLUMN_COUNT;
	return columns;
}

/* The platform's words (domain notes section 3), compared like header names. */
static const struct {
	const char *word;
	enum subscription_status status;
} words[] = {
    {"active", SUBSCRIPTION_ACTIVE},
    {"suspended", SUBSCRIPTION_SUSPENDED},
    {"cancelled", SUBSCRIPTION_CANCELLED},
    {"canceled", SUBSCRIPTION_CANCELLED},
    {"in active", SUBSCRIPTION_CANCELLED},
    {"inactive", SUBSCRIPTION_CANCELLED},
    {"pending", SUBSCRIPTION_PENDING},
    {"failed", SUBSCRIPTION_FAILED},
    {"failed sync", SUBSCRIPTION_FAILED},
};

static const char *const status_names[] = {
#define X(id, name) [id] = name,
    SUBSCRIPTION_STATUSES(X)
#undef X
};

const char *subscription_status_name(enum subscription_status status)
{
	return (unsigned)status < SUBSCRIPTION_STATUS_COUNT ? status_names[status] : "unknown";
}

/* A few words make up a column; each is looked up once. */
struct known_status {
	const char *word; /* interned; NULL: free */
	enum subscription_status status;
};
struct known_tier {
	const char *name, *product; /* interned; NULL: free */
	const struct tier *tier;
};

struct loading {
	const struct job *job;
	struct subscriptions *list;
	const char *source;
	const struct csv_reader *reader;
	struct csv_row row;
	struct strv values[COLUMN_COUNT]; /* of the row, trimmed; an id that is a word for nothing is empty */
	struct strv written[3];           /* of the ids: the word that stands there; empty */
	struct text_index ids;            /* of the records, to find repeats */
	uint64_t id_hash;                 /* of the row's */
	struct word_cache words;
	struct known_status known_statuses[31];
	struct known_tier known_tiers[61];
	struct strbuf scratch, problem;
};

static struct strv get(const struct loading *l, enum column column)
{
	return l->values[column];
}

static const enum column id_columns[] = {SUB_ID, SUB_ACCOUNT_ID, SUB_EXTERNAL_ID};

static void empty_placeholders(struct loading *l)
{
	struct subscriptions *list = l->list;

	for (size_t i = 0; i < ARRAY_LEN(id_columns); i++) {
		struct strv *id = &l->values[id_columns[i]];
		l->written[i] = (struct strv){NULL, 0};
		if (!is_placeholder(*id))
			continue;
		l->written[i] = *id;
		if (id_columns[i] == SUB_EXTERNAL_ID && list->placeholders++ == 0) {
			list->placeholder.source = l->source;
			list->placeholder.word = arena_strndup(list->arena, id->p, id->n);
			list->placeholder.line = l->row.line;
		}
		*id = (struct strv){NULL, 0};
	}
}

static struct strv written_id(const struct loading *l, enum column column)
{
	for (size_t i = 0; i < ARRAY_LEN(id_columns); i++)
		if (id_columns[i] == column)
			return l->written[i];
	return (struct strv){NULL, 0};
}

static void take_values(struct loading *l)
{
	const int *map = csv_reader_map(l->reader);

	for (size_t i = 0; i < COLUMN_COUNT; i++)
		l->values[i] = map[i] < 0 || (size_t)map[i] >= l->row.count
				   ? (struct strv){NULL, 0}
				   : strv_trim(l->row.fields[map[i]]);
	empty_placeholders(l);
}

/* A text that many rows share. */
static const char *interned(struct loading *l, struct strv text)
{
	return arena_word(l->list->arena, &l->words, text);
}

static bool look_up_status(struct loading *l, struct strv text, enum subscription_status *out)
{
	struct strbuf word = {0};
	bool found = false;

	csv_header_normal(text, &l->scratch);
	for (size_t i = 0; i < l->job->bss.subscription_status_count && !found; i++) {
		const struct text_pair *pair = &l->job->bss.subscription_status[i];
		csv_header_normal(strv_of(pair->from), &word);
		for (int s = 0; s < SUBSCRIPTION_STATUS_COUNT && strcmp(word.p, l->scratch.p) == 0; s++) {
			if (strcmp(pair->to, status_names[s]) == 0) {
				*out = (enum subscription_status)s;
				found = true;
			}
		}
	}
	for (size_t i = 0; i < ARRAY_LEN(words) && !found; i++) {
		if (strcmp(words[i].word, l->scratch.p) == 0) {
			*out = words[i].status;
			found = true;
		}
	}
	strbuf_free(&word);
	return found;
}

static bool parse_status(struct loading *l, struct strv text, enum subscription_status *out)
{
	const char *word = interned(l, text);
	struct known_status *known = &l->known_statuses[(uintptr_t)word % ARRAY_LEN(l->known_statuses)];

	if (known->word != word) {
		if (!look_up_status(l, text, out))
			return false;
		*known = (struct known_status){word, *out};
	}
	*out = known->status;
	return true;
}

const struct tier *subscription_tier(const struct job *job, struct strv name, struct strv product)
{
	const struct tier *of_product = NULL;

	for (size_t i = 0; i < job->contract.tier_count; i++) {
		const struct tier *tier = &job->contract.tiers[i];
		if (name.n > 0 && strv_eq_nocase(strv_of(tier->name), name))
			return tier;
		if (product.n > 0 && tier->product && !of_product &&
		    strv_eq_nocase(strv_of(tier->product), product))
			of_product = tier;
	}
	return of_product;
}

static const struct tier *find_tier(struct loading *l)
{
	const char *name = interned(l, get(l, SUB_TIER)), *product = interned(l, get(l, SUB_PRODUCT_CODE));
	size_t slot = ((uintptr_t)name * 3 + (uintptr_t)product) % ARRAY_LEN(l->known_tiers);
	struct known_tier *known = &l->known_tiers[slot];

	if (known->name != name || known->product != product)
		*known = (struct known_tier){
		    name, product, subscription_tier(l->job, get(l, SUB_TIER), get(l, SUB_PRODUCT_CODE))};
	return known->tier;
}

static bool problem(struct loading *l, enum column column, const char *expected)
{
	struct strv value = get(l, column), written = written_id(l, column);

	strbuf_clear(&l->problem);
	if (written.n > 0)
		strbuf_addf(&l->problem, "%s is \"%.*s\", which stands for nothing", columns[column].name,
		    STRV_ARG(written));
	else if (value.n == 0)
		strbuf_addf(&l->problem, "%s is empty", columns[column].name);
	else
		strbuf_addf(&l->problem, "%s is \"%.*s\"; %s", columns[column].name,
		    (int)(value.n < 80 ? value.n : 80), value.p, expected);
	return false;
}

static bool read_date(struct loading *l, enum column column, struct date *out)
{
	struct strv text = get(l, column);

	*out = (struct date){0};
	if (text.n == 0 || time_parse(text, NULL, out))
		return true;
	return problem(l, column, "must be an ISO 8601 date");
}

static bool read_numbers(struct loading *l, struct subscription *s)
{
	struct strv months = get(l, SUB_RAMP_UP_MONTHS), trial = get(l, SUB_IS_TRIAL),
		    updated = get(l, SUB_UPDATED_AT);
	int64_t count = 0;

	if (months.n > 0 && (!strv_to_int64(months, &count) || count < 0 || count > INT16_MAX))
		return problem(l, SUB_RAMP_UP_MONTHS, "must be a whole number of months");
	s->ramp_up_months = (int16_t)count;
	s->is_trial = trial.n > 0 ? (int8_t)strv_to_bool(trial) : -1;
	if (trial.n > 0 && s->is_trial < 0)
		return problem(l, SUB_IS_TRIAL, "must be true or false");
	if (updated.n > 0 && !time_parse(updated, &s->updated_at, NULL))
		return problem(l, SUB_UPDATED_AT, "must be an ISO 8601 date-time");
	return read_date(l, SUB_START_DATE, &s->start_date) && read_date(l, SUB_END_DATE, &s->end_date);
}

static bool read_currency(struct loading *l, struct subscription *s)
{
	struct strv text = get(l, SUB_CURRENCY);

	for (size_t i = 0; i < l->job->rules.currency_alias_count; i++)
		if (strv_eq_nocase(strv_of(l->job->rules.currency_aliases[i].from), text))
			text = strv_of(l->job->rules.currency_aliases[i].to);
	if (text.n != 0 && text.n != 3)
		return problem(l, SUB_CURRENCY, "must be a code of three letters");
	for (size_t i = 0; i < text.n; i++)
		s->currency[i] =
		    (char)(text.p[i] >= 'a' && text.p[i] <= 'z' ? text.p[i] - ('a' - 'A') : text.p[i]);
	if (text.n == 3 && !currency_is_code((struct strv){s->currency, 3}))
		return problem(l, SUB_CURRENCY, "must be a code of three letters");
	return true;
}

/* What can be judged without keeping anything. */
static bool read_values(struct loading *l, struct subscription *s)
{
	if (get(l, SUB_ID).n == 0)
		return problem(l, SUB_ID, "");
	if (get(l, SUB_ACCOUNT_ID).n == 0)
		return problem(l, SUB_ACCOUNT_ID, "");
	if (!parse_status(l, get(l, SUB_STATUS), &s->status))
		return problem(l, SUB_STATUS, "name it under bss.subscription_status in the job file");
	s->tier = find_tier(l);
	return read_currency(l, s) && read_numbers(l, s);
}

/* The external id's form for comparing: a UUID in lower case, other texts as written. */
static struct strv external_id(struct strv text, char uuid[UUID_TEXT_SIZE])
{
	return uuid_normal(text, uuid) ? (struct strv){uuid, UUID_TEXT_SIZE - 1} : text;
}

/* Its own texts in one piece of the arena. */
static void keep_texts(struct loading *l, struct subscription *s)
{
	char uuid[UUID_TEXT_SIZE];
	struct strv texts[] = {get(l, SUB_ID), get(l, SUB_ACCOUNT_ID), get(l, SUB_ACCOUNT),
	    get(l, SUB_USERNAME), external_id(get(l, SUB_EXTERNAL_ID), uuid)};
	const char **to[] = {&s->id, &s->account_id, &s->account, &s->username, &s->external_id};
	size_t size = 0;

	for (size_t i = 0; i < ARRAY_LEN(texts); i++)
		size += texts[i].n > 0 ? texts[i].n + 1 : 0;
	char *p = arena_bytes(l->list->arena, size);
	for (size_t i = 0; i < ARRAY_LEN(texts); i++) {
		*to[i] = "";
		if (texts[i].n == 0)
			continue;
		*to[i] = memcpy(p, texts[i].p, texts[i].n);
		p[texts[i].n] = '\0';
		p += texts[i].n + 1;
	}
	s->tier_text = interned(l, get(l, SUB_TIER));
	s->product_code = interned(l, get(l, SUB_PRODUCT_CODE));
	s->quantity = interned(l, get(l, SUB_QUANTITY));
	s->sync_status = interned(l, get(l, SUB_SYNC_STATUS));
	s->source = l->source;
	s->line = (uint32_t)l->row.line;
}

static void quarantine(struct loading *l, const char *reason)
{
	struct subscriptions *list = l->list;
	struct strv id = {NULL, 0}, account = {NULL, 0}, external = {NULL, 0};

	if (l->row.fault == CSV_FAULT_NONE) {
		id = get(l, SUB_ID);
		account = get(l, SUB_ACCOUNT_ID);
		external = get(l, SUB_EXTERNAL_ID);
	}
	MEM_GROW(list->quarantined, list->quarantined_count, list->quarantined_cap);
	list->quarantined[list->quarantined_count++] = (struct quarantined_row){
	    .source = l->source,
	    .subscription_id = arena_strndup(list->arena, id.p, id.n),
	    .account_id = arena_strndup(list->arena, account.p, account.n),
	    .external_id = arena_strndup(list->arena, external.p, external.n),
	    .reason = arena_strdup(list->arena, reason),
	    .line = l->row.line,
	};
}

static bool same_text(const char *kept, struct strv text)
{
	return strv_eq(strv_of(kept), text);
}

static bool same_date(struct date a, struct date b)
{
	return a.year == b.year && a.month == b.month && a.day == b.day;
}

static bool same_row(const struct loading *l, const struct subscription *kept, const struct subscription *s)
{
	char uuid[UUID_TEXT_SIZE];

	return same_text(kept->id, get(l, SUB_ID)) && same_text(kept->account_id, get(l, SUB_ACCOUNT_ID)) &&
	       same_text(kept->account, get(l, SUB_ACCOUNT)) &&
	       same_text(kept->username, get(l, SUB_USERNAME)) &&
	       same_text(kept->external_id, external_id(get(l, SUB_EXTERNAL_ID), uuid)) &&
	       same_text(kept->tier_text, get(l, SUB_TIER)) &&
	       same_text(kept->product_code, get(l, SUB_PRODUCT_CODE)) &&
	       same_text(kept->quantity, get(l, SUB_QUANTITY)) &&
	       same_text(kept->sync_status, get(l, SUB_SYNC_STATUS)) && kept->status == s->status &&
	       strcmp(kept->currency, s->currency) == 0 && same_date(kept->start_date, s->start_date) &&
	       same_date(kept->end_date, s->end_date) && kept->updated_at == s->updated_at &&
	       kept->ramp_up_months == s->ramp_up_months && kept->is_trial == s->is_trial;
}

/* The record with this row's id, or NULL; then the id is noted for the record that will be added next. */
static struct subscription *find_same_id(struct loading *l)
{
	size_t at = INDEX_START;
	uint32_t i;

	while ((i = index_next(&l->ids, l->id_hash, &at)) != INDEX_NONE)
		if (same_text(l->list->items[i].id, get(l, SUB_ID)))
			return &l->list->items[i];
	index_add(&l->ids, l->id_hash, (uint32_t)l->list->count);
	return NULL;
}

/* The same subscription again: an identical row, or an older or newer state of it, as when the morning's
 * import is read beside the evening's export. Where it cannot be told which is newer, nothing is guessed. */
static void read_again(struct loading *l, struct subscription *kept, struct subscription *s)
{
	struct subscriptions *list = l->list;

	if (same_row(l, kept, s)) {
		list->repeats++;
	} else if (kept->updated_at == 0 || s->updated_at == 0 || kept->updated_at == s->updated_at) {
		strbuf_clear(&l->problem);
		strbuf_addf(&l->problem,
		    "stands already at %s:%u with other content, and Updated At does not say which is newer",
		    kept->source, kept->line);
		quarantine(l, l->problem.p);
	} else {
		list->superseded++;
		if (s->updated_at < kept->updated_at)
			return;
		keep_texts(l, s);
		*kept = *s;
	}
}

static void read_row(struct loading *l)
{
	struct subscriptions *list = l->list;
	struct subscription s = {0};

	list->rows_read++;
	if (l->row.fault != CSV_FAULT_NONE) {
		quarantine(l, l->row.problem);
		return;
	}
	take_values(l);
	/* Its place is on the way while the other columns are read. */
	l->id_hash = hash_text(get(l, SUB_ID));
	index_prefetch(&l->ids, l->id_hash);
	if (!read_values(l, &s)) {
		quarantine(l, l->problem.p);
		return;
	}
	if (s.updated_at > list->as_of)
		list->as_of = s.updated_at;
	struct subscription *kept = find_same_id(l);
	if (kept) {
		read_again(l, kept, &s);
		return;
	}
	keep_texts(l, &s);
	MEM_GROW(list->items, list->count, list->cap);
	list->items[list->count++] = s;
}

/* One file: its own digest; several: the digest of theirs in a row. */
static void add_digest(struct subscriptions *list, struct digest file)
{
	struct digest both[2] = {list->digest, file};

	list->digest = list->digest.high || list->digest.low
			   ? digest_of((struct strv){(const char *)both, sizeof both})
			   : file;
}

static int read_file(
    struct loading *l, const struct source_file *file, const struct csv_settings *settings, struct error *err)
{
	struct csv_reader *reader = csv_reader_open(file->path, columns, COLUMN_COUNT, settings, err);
	enum csv_next next;
	int rc = -1;

	if (!reader)
		return -1;
	l->reader = reader;
	l->source = arena_strdup(l->list->arena, file->shown);
	while ((next = csv_reader_next(reader, &l->row, err)) == CSV_ROW || next == CSV_BAD) {
		read_row(l);
		MEM_FORESEE(
		    l->list->items, l->list->count, l->list->cap, csv_reader_foresee(reader, l->list->count));
	}
	if (next == CSV_DONE && csv_reader_unchanged(reader, err) == 0) {
		add_digest(l->list, csv_reader_digest(reader));
		if (csv_reader_modified_ms(reader) > l->list->as_of)
			l->list->as_of = csv_reader_modified_ms(reader);
		rc = 0;
	}
	csv_reader_close(reader);
	return rc;
}

struct subscriptions *subscriptions_load(const struct job *job, struct error *err)
{
	return subscriptions_load_from(job, NULL, err);
}

struct subscriptions *subscriptions_load_from(
    const struct job *job, const struct bss_snapshot *snapshot, struct error *err)
{
	struct subscriptions *list = mem_zalloc(sizeof *list);
	struct loading l = {.job = job, .list = list};
	struct source_files files;
	int rc;

	list->arena = arena_new();
	rc = source_files_find(job, BSS_SUBSCRIPTIONS, snapshot, list->arena, &files, err);
	for (size_t i = 0; rc == 0 && i < files.count; i++)
		if (!files.items[i].skip)
			rc = read_file(&l, &files.items[i], &files.csv, err);
	/* A row may be younger than it says, never the snapshot. */
	if (rc == 0 && bss_snapshot_rows(snapshot, BSS_SUBSCRIPTIONS))
		list->as_of = bss_snapshot_as_of(snapshot);
	index_free(&l.ids);
	strbuf_free(&l.scratch);
	strbuf_free(&l.problem);
	if (rc == 0)
		return list;
	subscriptions_free(list);
	return NULL;
}

void subscriptions_free(struct subscriptions *subscriptions)
{
	if (!subscriptions)
		return;
	arena_free(subscriptions->arena);
	free(subscriptions->items);
	free(subscriptions->quarantined);
	free(subscriptions);
}
