/* The plan as a file: JSON that a person can read and that `apply` holds against the plan it makes itself. It
 * is not a list of commands: apply never acts on what the file says, it acts only when its own plan has the
 * same digest. The file has a digest of its own, so that an edited one is refused before anything is read
 * from it. */
#include "plan_impl.h"

#include <stdlib.h>

#include "tenantry/atomic_file.h"
#include "tenantry/mem.h"

enum { PLAN_FILE_VERSION = 1, PLAN_FILE_MAX = 256 << 20 };

static json_t *text_json(const char *text)
{
	json_t *json = json_string(text);

	return json ? json : json_string("");
}

static json_t *action_json(const struct plan_action *a)
{
	char due[DATE_TEXT_SIZE];
	json_t *out = json_object();

	json_object_set_new(out, "order", text_json(a->item->order_id));
	json_object_set_new(out, "item", text_json(a->item->key));
	json_object_set_new(out, "account", text_json(a->item->account_id));
	json_object_set_new(out, "action", text_json(action_name(a->action)));
	json_object_set_new(out, "verdict", text_json(plan_verdict_name(a->verdict)));
	json_object_set_new(out, "reason", text_json(park_reason_code(a->park)));
	json_object_set_new(out, "tier", text_json(a->item->tier ? a->item->tier->name : ""));
	json_object_set_new(out, "tenant", text_json(a->tenant_id));
	json_object_set_new(out, "subscription", text_json(a->subscription_id));
	json_object_set_new(out, "due", text_json(date_text(a->due, due)));
	json_object_set_new(out, "after", text_json(step_name(a->after)));
	json_object_set_new(out, "sentence", text_json(a->sentence));
	return out;
}

/* Over the whole document but the digest itself, members in the order of their names. */
static void document_digest(const json_t *document, char text[DIGEST_TEXT_SIZE])
{
	json_t *copy = json_copy((json_t *)document);

	json_object_del(copy, "digest");
	char *bytes = json_dumps(copy, JSON_COMPACT | JSON_SORT_KEYS);
	digest_text(digest_of(strv_of(bytes)), text);
	free(bytes);
	json_decref(copy);
}

char *plan_to_json(const struct plan *plan, const struct job *job, const char *created)
{
	char digest[DIGEST_TEXT_SIZE];
	json_t *document = json_object(), *actions = json_array();

	json_object_set_new(document, "tenantry_plan", json_integer(PLAN_FILE_VERSION));
	json_object_set_new(document, "created", text_json(created));
	json_object_set_new(document, "job",
	    json_pack("{s:o,s:o,s:o}", "path", text_json(job->path), "name", text_json(job->name), "digest",
		text_json(job->digest)));
	json_object_set_new(document, "counts",
	    json_pack("{s:I,s:I,s:I,s:I}", "to_do", (json_int_t)plan->to_do, "deferred",
		(json_int_t)plan->deferred, "parked", (json_int_t)plan->parked, "held",
		(json_int_t)plan->held));
	json_object_set_new(document, "plan_digest", text_json(plan->digest));
	for (size_t i = 0; i < plan->count; i++)
		json_array_append_new(actions, action_json(&plan->actions[i]));
	json_object_set_new(document, "actions", actions);
	document_digest(document, digest);
	json_object_set_new(document, "digest", text_json(digest));
	char *text = json_dumps(document, JSON_INDENT(2));
	json_decref(document);
	size_t n = strlen(text);
	text = mem_resize(text, n + 2, 1);
	memcpy(text + n, "\n", 2);
	return text;
}

static int not_a_plan(const char *path, struct error *err, const char *why)
{
	error_set(err, ERR_USAGE, "%s", why);
	error_place(err, path, 0, 0, NULL);
	return error_hint(err, "make a new one: tenantry plan JOB -o %s", path);
}

static int read_document(
    const json_t *document, const char *path, struct arena *arena, struct plan_file *out, struct error *err)
{
	char digest[DIGEST_TEXT_SIZE];
	const char *job_path, *job_name, *job_digest, *plan_digest, *own, *created;
	json_int_t version, to_do;

	if (json_unpack((json_t *)document, "{s:I}", "tenantry_plan", &version) < 0)
		return not_a_plan(path, err, "this is not a plan file");
	if (version != PLAN_FILE_VERSION)
		return not_a_plan(path, err, "this plan file is of another version of tenantry");
	if (json_unpack((json_t *)document, "{s:s,s:{s:s,s:s,s:s},s:{s:I},s:s,s:s}", "created", &created,
		"job", "path", &job_path, "name", &job_name, "digest", &job_digest, "counts", "to_do", &to_do,
		"plan_digest", &plan_digest, "digest", &own) < 0)
		return not_a_plan(path, err, "this plan file lacks what a plan file has");
	document_digest(document, digest);
	if (strcmp(digest, own) != 0)
		return not_a_plan(path, err, "this plan file was edited after it was made");
	*out = (struct plan_file){.job_path = arena_strdup(arena, job_path),
	    .job_name = arena_strdup(arena, job_name),
	    .job_digest = arena_strdup(arena, job_digest),
	    .plan_digest = arena_strdup(arena, plan_digest),
	    .created = arena_strdup(arena, created),
	    .to_do = (size_t)to_do};
	return 0;
}

int plan_file_read(const char *path, struct arena *arena, struct plan_file *out, struct error *err)
{
	struct error unreadable = {0};
	json_error_t where;
	size_t n;
	char *text = file_read_all(path, PLAN_FILE_MAX, &n, &unreadable);

	if (!text)
		return not_a_plan(path, err, unreadable.text);
	json_t *document = json_loadb(text, n, JSON_REJECT_DUPLICATES, &where);
	free(text);
	if (!document)
		return not_a_plan(path, err, "this is not a plan file (not JSON)");
	int rc = read_document(document, path, arena, out, err);
	json_decref(document);
	return rc;
}
