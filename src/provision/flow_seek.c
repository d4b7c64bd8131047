/* Is the tenant there already? Everything that is looked at before one is made, and before a lost create is
 * repeated: absence is proved by two looks of different kind.
 *
 * The plan looked at the listing of the subtree. The second look is a search by Account Id and by name (notes
 * section 2.1: it reads no pages and sees neither tags nor account ids, so that what it finds and the world
 * does not have is read by its id); where a text is too short or the answer full, all children of the parent,
 * which all who wait for them share. Without the second look nothing is made.
 *
 * After a lost create, absence counts only in a list that was begun after it and has what this run made
 * before; two of them, acronis.settle apart. */
#include "flow_impl.h"
#include "shared_list.h"

#include <stdio.h>
#include <stdlib.h>

enum {
	HITS_MAX = 100,              /* of a search */
	ABOVE_MAX = 100,             /* of those that the found ones stand in */
	CHILDREN_KEEP_MS = 60 * 1000 /* a list of the children is a second look for so long */
};

static enum view take_tagged(struct flow *flow)
{
	const struct acronis_tenant *tenant = world_by_tag(flow->env->world, flow->record.key);

	if (!tenant)
		return VIEW_DIFFERS;
	flow->record.tenant_id = flow_keep(flow, tenant->id);
	return VIEW_SAME;
}

static enum view differs(struct flow *flow)
{
	flow->seek = SEEK_NOTHING_YET; /* before the next create all is looked at again */
	return VIEW_DIFFERS;
}

/* ---- Questions. */

static enum view ask_search(struct flow *flow, struct flow_call *call, const char *text)
{
	char *query = acronis_search_query(flow->env->session->parent, text, HITS_MAX);

	flow_ask(call, CALL_SEARCH, NULL);
	call->request.query = flow_keep(flow, query);
	free(query);
	return VIEW_ASK;
}

/* One after the other, each by its own id: no list is asked about what a list lacks. */
static enum view ask_found(struct flow *flow, struct flow_call *call)
{
	flow_ask(call, CALL_TENANT, arena_strndup(flow->arena, flow->found, strcspn(flow->found, " ")));
	call->request.query = "allow_deleted=true";
	return VIEW_ASK;
}

static enum view ask_children(struct flow *flow, int64_t age)
{
	if (!shared_list_wait(flow->env->children, flow, age, &flow->list))
		return VIEW_WAIT;
	return flow_sought(flow, &flow->list.answer);
}

static const char *text_of(const struct flow *flow)
{
	const struct order_item *item = flow->action->item;

	return flow->seek == SEEK_ACCOUNT ? item->account_id : item->account;
}

static void begin(struct flow *flow)
{
	bool doubtful = flow->doubt != DOUBT_NONE || flow->taken;

	flow->seek = doubtful ? SEEK_LIST : SEEK_ACCOUNT;
	flow->listed = flow->search_says_nothing = false;
	flow->found = NULL;
	flow->found_above = 0;
}

/* ---- What was found. */

/* What is in the way is what a person may want to adopt. */
static void blocked_by(struct flow *flow, const struct acronis_tenant *other)
{
	flow->record.blocker = other ? flow_keep(flow, other->id) : "";
}

/* The world has now all that any look has seen, and not our tag: what the plan would have made of it. */
static enum view decide(struct flow *flow)
{
	const struct order_item *item = flow->action->item;
	const struct world *world = flow->env->world;
	const struct acronis_tenant *other = world_by_customer(world, item->account_id);

	if (other && !other->deleted_at[0]) {
		blocked_by(flow, other);
		return flow_park(flow, PARK_TENANT_EXISTS, "%s (tenant %s); nothing was created",
		    park_reason_text(PARK_TENANT_EXISTS), other->id);
	}
	other = world_by_name(world, item->account);
	if (other) {
		blocked_by(flow, other);
		return flow_park(flow, PARK_NAME_CLASH, "%s (tenant %s); nothing was created",
		    park_reason_text(PARK_NAME_CLASH), other->id);
	}
	return differs(flow);
}

static void add_found(struct flow *flow, const char *id)
{
	const char *found = flow->found ? flow->found : "";

	if (!uuid_is(strv_of(id)) || strstr(found, id) || world_by_id(flow->env->world, id))
		return;
	flow->found = arena_printf(flow->arena, "%s%s%s", found, found[0] ? " " : "", id);
}

/* Those that the list of the plan did not have, or that came since. */
static void note_hits(struct flow *flow, const struct acronis_hits *hits)
{
	for (size_t i = 0; i < hits->count; i++)
		if (hits->items[i].is_tenant && !hits->items[i].deleted_at[0])
			add_found(flow, hits->items[i].id);
}

static void drop_first_found(struct flow *flow)
{
	const char *rest = strchr(flow->found, ' ');

	flow->found = rest ? rest + 1 : NULL;
}

/* ---- The second look could not be had. */

static enum view no_look(struct flow *flow, const struct acronis_answer *answer, const char *why)
{
	if (answer->result == API_UNAUTHORIZED || answer->result == API_CANCELLED)
		return flow_trouble(flow, answer);
	flow->their_side = answer->their_side;
	return flow_fail(flow, flow->open_count > 0 ? FAIL_IN_DOUBT : FAIL_UNAVAILABLE,
	    "whether the tenant is there already could not be looked up a second time, so none was created: %s",
	    why);
}

/* ---- One answer. */

/* Without such a list the doubt stays, and the next run looks again. */
static enum view no_list(struct flow *flow, const struct acronis_answer *answer)
{
	if (answer->result == API_UNAUTHORIZED || answer->result == API_CANCELLED)
		return flow_trouble(flow, answer);
	flow->their_side = answer->their_side;
	return flow_fail(flow, flow->open_count > 0 ? FAIL_IN_DOUBT : FAIL_UNAVAILABLE,
	    "%s; what is there may not show yet, so none was created", answer->text);
}

static enum view listed(struct flow *flow, const struct acronis_answer *answer)
{
	if (!flow->list.proved)
		return no_list(flow, answer);
	flow->listed = true;
	if (take_tagged(flow) == VIEW_SAME)
		return VIEW_SAME;
	if (flow->taken) {
		const struct acronis_tenant *other =
		    world_by_name(flow->env->world, flow->action->item->account);
		blocked_by(flow, other);
		return flow_park(flow, PARK_NAME_CLASH,
		    "another tenant below the parent has the name \"%s\"%s%s%s; nothing was created",
		    flow->action->item->account, other ? " (tenant " : "", other ? other->id : "",
		    other ? ")" : "");
	}
	if (flow->doubt == DOUBT_FIRST)
		return differs(flow);
	flow->seek = SEEK_ACCOUNT;
	return VIEW_AGAIN;
}

static enum view searched(struct flow *flow, const struct acronis_answer *answer)
{
	struct acronis_hits hits;
	struct error err = {0};

	if (answer->result != API_OK)
		return no_look(flow, answer, answer->text);
	if (acronis_hits_decode(answer->body, HITS_MAX, flow->arena, &hits, &err) < 0)
		return no_look(flow, answer, err.text);
	note_hits(flow, &hits);
	flow->search_says_nothing = flow->search_says_nothing || hits.cut;
	flow->seek++;
	return VIEW_AGAIN;
}

/* What it stands in is asked for as well, where nobody has told of it: only the way up says whose it is. One
 * that is not there any more, or not ours to see, is not in the way. */
static enum view found_read(struct flow *flow, const struct acronis_answer *answer)
{
	const struct world *world = flow->env->world;
	bool gone = answer->result == API_NOT_FOUND || answer->result == API_FORBIDDEN;
	struct acronis_tenant tenant;
	struct error err = {0};

	if (answer->result != API_OK && !gone)
		return no_look(flow, answer, answer->text);
	if (!gone && acronis_tenant_decode(answer->body, flow->arena, &tenant, &err) < 0)
		return no_look(flow, answer, err.text);
	drop_first_found(flow);
	if (gone)
		return VIEW_AGAIN;
	world_put(flow->env->world, &tenant);
	if (!strv_eq_nocase(strv_of(tenant.parent_id), strv_of(world_parent(world))) &&
	    ++flow->found_above <= ABOVE_MAX)
		add_found(flow, tenant.parent_id);
	return VIEW_AGAIN;
}

static enum view children_read(struct flow *flow, const struct acronis_answer *answer)
{
	if (!flow->list.proved)
		return no_look(flow, answer, answer->text);
	flow->seek = SEEK_OVER;
	return VIEW_AGAIN;
}

enum view flow_sought(struct flow *flow, const struct acronis_answer *answer)
{
	switch (flow->seek) {
	case SEEK_LIST:
		return listed(flow, answer);
	case SEEK_FOUND:
		return found_read(flow, answer);
	case SEEK_CHILDREN:
		return children_read(flow, answer);
	default:
		return searched(flow, answer);
	}
}

/* ---- From one to the next. */

static bool is_needed(struct flow *flow)
{
	switch (flow->seek) {
	case SEEK_ACCOUNT:
	case SEEK_NAME:
		if (acronis_search_can(text_of(flow)))
			return true;
		flow->search_says_nothing = true;
		return false;
	case SEEK_FOUND:
		return flow->found != NULL;
	case SEEK_CHILDREN:
		return flow->search_says_nothing && !flow->listed;
	default:
		return true;
	}
}

enum view flow_seek(struct flow *flow, struct flow_call *call)
{
	if (flow->record.tenant_id[0] || take_tagged(flow) == VIEW_SAME)
		return VIEW_SAME;
	if (flow->seek == SEEK_NOTHING_YET)
		begin(flow);
	while (!is_needed(flow))
		flow->seek++;
	switch (flow->seek) {
	case SEEK_LIST:
		return ask_children(flow, 0);
	case SEEK_FOUND:
		return ask_found(flow, call);
	case SEEK_CHILDREN:
		return ask_children(flow, CHILDREN_KEEP_MS);
	case SEEK_OVER:
		return decide(flow);
	default:
		return ask_search(flow, call, text_of(flow));
	}
}
