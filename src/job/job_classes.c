/* The rows of reconcile.classes: how findings of a class, of a tier or of both are treated. */
#include "job/job_impl.h"

#include "tenantry/reconcile.h" /* the codes of findings */

int read_class_rules(struct loader *l, const struct node *node, const struct key_rule *rule, void *target)
{
	void *list = NULL;
	size_t count = 0;

	(void)rule;
	if (need_list(l, node, "a list such as [{code: tier-mismatch, tier: Tier 0, severity: low}]") < 0 ||
	    read_items(l, node, "reconcile.classes[].", sizeof(struct class_rule), &list, &count) < 0)
		return -1;
	store_list(target, list, count);
	return 0;
}

int read_class_code(struct loader *l, const struct node *node, const struct key_rule *rule, void *target)
{
	static const char *const codes[] = {
#define X(id, code, severity, owner) code,
	    FINDINGS(X)
#undef X
		NULL};

	for (size_t i = 0; node->kind == NODE_SCALAR && codes[i]; i++)
		if (strv_eq(node->text, strv_of(codes[i])))
			return read_text(l, node, rule, target);
	wrong_value(l, node, "the code of a finding, such as tier-mismatch");
	const char *nearest = node->kind == NODE_SCALAR ? nearest_of(node->text.p, codes) : NULL;
	return nearest ? error_hint(l->err, "did you mean %s?", nearest)
		       : error_hint(l->err, "the README lists the codes of findings");
}

static int check_row(struct loader *l, const struct node *node, const struct class_rule *row)
{
	if (!row->code && !row->tier)
		return node_error(l, node, "code, tier or both say which findings are meant");
	if (!row->severity && !row->owner && !row->fail_on)
		return node_error(l, node, "severity, owner or fail_on says how they are treated");
	if (!row->tier || job_tier_by_name(l->job, strv_of(row->tier)))
		return 0;
	node_error(l, node_member(node, "tier"), "\"%s\" is not in contract.tiers", row->tier);
	return error_hint(l->err, "the tier's name as in the table");
}

int check_class_rules(struct loader *l, const struct node *root)
{
	const struct node *section = node_member(root, "reconcile");
	const struct node *list = section ? node_member(section, "classes") : NULL;
	const struct node *node = list ? list->first : NULL;

	l->key = "reconcile.classes";
	for (size_t i = 0; i < l->job->reconcile.class_count && node; i++, node = node->next)
		if (check_row(l, node, &l->job->reconcile.classes[i]) < 0)
			return -1;
	return 0;
}
