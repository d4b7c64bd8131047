/* Shared by the files that read the job file: the YAML tree, the key table and the readers of values. */
#ifndef TENANTRY_JOB_IMPL_H
#define TENANTRY_JOB_IMPL_H

#include "tenantry/arena.h"
#include "tenantry/job.h"

/* ---- job_yaml.c: text to tree ---- */

enum node_kind { NODE_SCALAR, NODE_LIST, NODE_MAP };

/* Scalars stay text: what a value means is decided by the key's reader, so that `NO` can be Norway and 0.10
 * exact. */
struct node {
	enum node_kind kind;
	unsigned long line, column; /* from 1 */
	const char *key;            /* of this value in its map; NULL in a list */
	unsigned long key_line, key_column;
	struct strv text;                 /* scalar; terminated */
	bool plain;                       /* scalar without quotes */
	struct node *first, *last, *next; /* members in file order */
	size_t count;
};

/* One document. NULL with ERR_JOB placed in `path` for anything else, aliases, tags and duplicate keys
 * included. */
struct node *yaml_read(struct arena *arena, const char *path, struct strv text, struct error *err);
const struct node *node_member(const struct node *map, const char *key); /* or NULL */
bool node_is_empty(const struct node *node); /* `key:` with nothing behind it, or ~ or null */

/* ---- job_load.c: tree to job ---- */

struct loader {
	struct job *job;
	const char *path; /* for errors */
	const char *key;  /* full name of the key being read, for errors */
	struct error *err;
	struct error faults; /* what was wrong so far: the first, with those after it */
	size_t fault_count;
};

/* ERR_JOB at the node's place, in the key being read. -1. */
int node_error(struct loader *l, const struct node *node, const char *format, ...)
    __attribute__((format(printf, 3, 4)));
/* Reads a list of maps: rows "PREFIX.key" applied to each element. -1 on error, of which l->err may say
 * nothing more: each element's are kept. */
int read_items(
    struct loader *l, const struct node *list, const char *prefix, size_t size, void **items, size_t *count);
/* A map that may have only these keys (ends with NULL). */
int check_members(struct loader *l, const struct node *map, const char *const *known);
const char *resolve_path(const struct loader *l, struct strv path);

/* ---- job_keys.c: the table ---- */

struct key_rule;
typedef int key_reader(struct loader *, const struct node *, const struct key_rule *, void *target);
struct key_rule {
	key_reader *read;
	size_t offset; /* in struct job; in the element for rows with [] */
	int64_t low, high;
	const char *type; /* the choices, separated by '|', where the reader is read_choice */
};
const struct key_rule *key_rules(void); /* same rows as job_keys() */
size_t key_count(void);
ptrdiff_t key_find(const char *path);  /* row, or -1 */
bool key_is_section(const char *path); /* is it a map of keys? */
bool key_is_required(const struct job_key *key, bool loopback);
/* The nearest of the NULL-terminated names when it is near enough to be meant, or NULL. */
const char *nearest_of(const char *given, const char *const *names);
/* Sets the hint for an unknown key below `prefix` ("" or "acronis."). */
void key_hint(const char *prefix, const char *given, struct error *err);

/* ---- readers of plain values: job_values.c ---- */

key_reader read_text, read_name, read_root, read_path, read_path_or_env, read_bool, read_count,
    read_small_count, read_duration, read_size, read_choice, read_choice_text, read_share, read_permille,
    read_secret, read_text_list, read_text_map;
/* A scalar that is not empty; what it should be, for the error. */
int need_scalar(struct loader *l, const struct node *node, const char *wanted, struct strv *out);
int need_map(struct loader *l, const struct node *node, const char *wanted);
int need_list(struct loader *l, const struct node *node, const char *wanted);
int wrong_value(struct loader *l, const struct node *node, const char *wanted); /* "expected ..., not ..." */
bool scalar_int(const struct node *node, int64_t *out);                         /* plain whole number */
/* Index in "a|b|c", or -1. */
int choice_index(const char *choices, struct strv text);
/* In struct job a pointer to elements is always followed by their count. */
void store_list(void *target, void *items, size_t count);
/* The text, or with {env: NAME} the variable's value. */
int text_or_env(struct loader *l, const struct node *node, const char *wanted, struct strv *out);

/* ---- readers of the domain's values: job_special.c ---- */

key_reader read_steps, read_ledger, read_source, read_delimiter, read_delimiter_auto, read_status_map,
    read_url, read_parent, read_uuid, read_offering_items, read_quota, read_tiers, read_commitment,
    read_currencies, read_aliases, read_countries, read_tolerance, read_fail_on, read_severities,
    read_formats;

/* ---- readers of what invoices are held against: job_billing.c ---- */

key_reader read_invoice_kinds, read_percent, read_currency_code, read_day, read_timezone;
/* "0.5": digits with at most one point, below 100. */
bool is_percentage(struct strv text);

/* ---- how findings are treated: job_classes.c ---- */

key_reader read_class_rules, read_class_code;
int check_class_rules(struct loader *l, const struct node *root);

/* ---- job_check.c ---- */

/* What concerns several keys. `root` gives the places. */
int job_check(struct loader *l, const struct node *root);
/* Is the host of this URL the machine itself? False when the URL is not one we accept; *why then says why. */
bool url_is_loopback(struct strv url, const char **why);

#endif
