/* YAML text into a small tree with places; see job_impl.h. libyaml's events are used rather than its
 * documents, because a document turns aliases into a graph that may have loops, and duplicate keys are not
 * noticed. What values mean is left to the readers of job_values.c and job_special.c. */
#include <yaml.h>

#include "job/job_impl.h"
#include "tenantry/mem.h"

enum { MAX_DEPTH = 16, MAX_MEMBERS = 10000 }; /* duplicate keys are looked for one by one */

struct reader {
	yaml_parser_t parser;
	struct arena *arena;
	const char *path;
	struct error *err;
};

static int fail_at(struct reader *r, yaml_mark_t at, const char *text)
{
	error_set(r->err, ERR_JOB, "%s", text);
	return error_place(r->err, r->path, at.line + 1, at.column + 1, NULL);
}

static int next_event(struct reader *r, yaml_event_t *event)
{
	yaml_mark_t at;
	char text[256];

	if (yaml_parser_parse(&r->parser, event))
		return 0;
	at = r->parser.problem_mark;
	if (r->parser.error == YAML_READER_ERROR)
		at = r->parser.mark;
	snprintf(text, sizeof text, "not YAML: %s%s%s", r->parser.problem ? r->parser.problem : "unreadable",
	    r->parser.context ? " " : "", r->parser.context ? r->parser.context : "");
	fail_at(r, at, text);
	return error_hint(r->err, "check indentation (spaces, no tabs), colons and quotes near this place");
}

static struct node *node_new(struct reader *r, enum node_kind kind, yaml_mark_t at)
{
	struct node *node = arena_alloc(r->arena, sizeof *node);

	node->kind = kind;
	node->line = at.line + 1;
	node->column = at.column + 1;
	return node;
}

static void node_append(struct node *parent, struct node *child)
{
	if (parent->last)
		parent->last->next = child;
	else
		parent->first = child;
	parent->last = child;
	parent->count++;
}

static int check_event(struct reader *r, const yaml_event_t *event, int depth)
{
	const yaml_char_t *tag = event->type == YAML_SCALAR_EVENT           ? event->data.scalar.tag
				 : event->type == YAML_SEQUENCE_START_EVENT ? event->data.sequence_start.tag
				 : event->type == YAML_MAPPING_START_EVENT  ? event->data.mapping_start.tag
									    : NULL;

	if (event->type == YAML_ALIAS_EVENT) {
		fail_at(r, event->start_mark, "an alias (*name) is not supported in a job file");
		return error_hint(r->err, "write the value out where it is used");
	}
	if (tag) {
		fail_at(r, event->start_mark, "a tag (!name) is not supported in a job file");
		return error_hint(r->err, "leave it out: every key knows its type");
	}
	if (depth > MAX_DEPTH)
		return fail_at(r, event->start_mark, "nested too deeply for a job file");
	return 0;
}

static int read_key(struct reader *r, const struct node *map, yaml_event_t *event, struct node *key)
{
	const struct node *first;

	if (event->type != YAML_SCALAR_EVENT)
		return check_event(r, event, 0) < 0 ? -1
						    : fail_at(r, event->start_mark, "a key must be text");
	if (check_event(r, event, 0) < 0)
		return -1;
	key->key = arena_strndup(r->arena, (const char *)event->data.scalar.value, event->data.scalar.length);
	key->key_line = event->start_mark.line + 1;
	key->key_column = event->start_mark.column + 1;
	if ((first = node_member(map, key->key)) == NULL)
		return 0;
	error_set(
	    r->err, ERR_JOB, "duplicate key \"%.64s\", first given on line %lu", key->key, first->key_line);
	error_place(r->err, r->path, key->key_line, key->key_column, NULL);
	return error_hint(r->err, "keep one of the two");
}

static struct node *read_node(struct reader *r, yaml_event_t *event, int depth);

/* Members until the end event; in a map a key stands before each. */
static int read_members(struct reader *r, struct node *parent, int depth)
{
	for (;;) {
		struct node key = {0}, *child;
		yaml_event_t event;
		bool end;
		int rc = 0;

		if (next_event(r, &event) < 0)
			return -1;
		end = event.type == YAML_SEQUENCE_END_EVENT || event.type == YAML_MAPPING_END_EVENT;
		if (parent->count == MAX_MEMBERS)
			rc = fail_at(r, event.start_mark, "more than 10000 members");
		if (rc == 0 && !end && parent->kind == NODE_MAP) {
			rc = read_key(r, parent, &event, &key);
			yaml_event_delete(&event);
			if (rc == 0 && next_event(r, &event) < 0)
				return -1;
		}
		child = end || rc < 0 ? NULL : read_node(r, &event, depth + 1);
		yaml_event_delete(&event);
		if (end && rc == 0)
			return 0;
		if (!child)
			return -1;
		child->key = key.key;
		child->key_line = key.key_line;
		child->key_column = key.key_column;
		node_append(parent, child);
	}
}

static struct node *read_node(struct reader *r, yaml_event_t *event, int depth)
{
	struct node *node;

	if (check_event(r, event, depth) < 0)
		return NULL;
	if (event->type == YAML_SCALAR_EVENT) {
		node = node_new(r, NODE_SCALAR, event->start_mark);
		node->text.p = arena_strndup(
		    r->arena, (const char *)event->data.scalar.value, event->data.scalar.length);
		node->text.n = event->data.scalar.length;
		node->plain = event->data.scalar.style == YAML_PLAIN_SCALAR_STYLE;
		return node;
	}
	node = node_new(r, event->type == YAML_MAPPING_START_EVENT ? NODE_MAP : NODE_LIST, event->start_mark);
	return read_members(r, node, depth) < 0 ? NULL : node;
}

/* Stream start, one document, stream end. */
static struct node *read_stream(struct reader *r)
{
	struct node *root = NULL;
	yaml_event_t event;

	for (;;) {
		if (next_event(r, &event) < 0)
			return NULL;
		yaml_event_type_t type = event.type;
		yaml_mark_t at = event.start_mark;
		struct node *node = NULL;
		bool content = type == YAML_ALIAS_EVENT || type == YAML_SCALAR_EVENT ||
			       type == YAML_SEQUENCE_START_EVENT || type == YAML_MAPPING_START_EVENT;
		if (content)
			node = read_node(r, &event, 0);
		yaml_event_delete(&event);
		if (content && !node)
			return NULL;
		if (type == YAML_DOCUMENT_START_EVENT && root) {
			fail_at(r, at, "a second document (---) begins here");
			error_hint(r->err, "one job a file");
			return NULL;
		}
		if (node)
			root = node;
		if (type == YAML_STREAM_END_EVENT)
			break;
	}
	if (!root || node_is_empty(root)) {
		fail_at(r, (yaml_mark_t){0}, "the job file is empty");
		error_hint(r->err, "begin with a copy of jobs/nightly.yaml");
		return NULL;
	}
	return root;
}

static int check_text(const char *path, struct strv text, struct error *err)
{
	ptrdiff_t bad = strv_bad_utf8(text);
	unsigned long line = 1, column = 1;

	if (bad < 0)
		return 0;
	for (ptrdiff_t i = 0; i < bad; i++) {
		column = text.p[i] == '\n' ? 1 : column + 1;
		line += text.p[i] == '\n';
	}
	error_set(err, ERR_JOB, "not UTF-8 text (byte 0x%02x)", (unsigned char)text.p[bad]);
	error_place(err, path, line, column, NULL);
	return error_hint(err, "save the job file as UTF-8");
}

struct node *yaml_read(struct arena *arena, const char *path, struct strv text, struct error *err)
{
	struct reader r = {.arena = arena, .path = path, .err = err};
	struct node *root;

	if (check_text(path, text, err) < 0)
		return NULL;
	if (!yaml_parser_initialize(&r.parser)) {
		error_set(err, ERR_INTERNAL, "libyaml cannot start");
		return NULL;
	}
	yaml_parser_set_input_string(&r.parser, (const unsigned char *)text.p, text.n);
	yaml_parser_set_encoding(&r.parser, YAML_UTF8_ENCODING);
	root = read_stream(&r);
	yaml_parser_delete(&r.parser);
	return root;
}

const struct node *node_member(const struct node *map, const char *key)
{
	for (const struct node *n = map->first; n; n = n->next)
		if (n->key && strcmp(n->key, key) == 0)
			return n;
	return NULL;
}

bool node_is_empty(const struct node *node)
{
	return node->kind == NODE_SCALAR && node->plain &&
	       (node->text.n == 0 || strv_eq(node->text, STRV("~")) || strv_eq(node->text, STRV("null")));
}
