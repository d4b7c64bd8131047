/* Readers of the keys that invoices are held against: percentages, currencies, days, the site's words. */
#include "job/job_impl.h"

#include <stdlib.h>

#include "tenantry/mem.h"

bool is_percentage(struct strv text)
{
	size_t digits = 0, points = 0;

	for (size_t i = 0; i < text.n; i++) {
		bool digit = text.p[i] >= '0' && text.p[i] <= '9';
		if (!digit && text.p[i] != '.')
			return false;
		digits += digit;
		points += !digit;
	}
	return digits > 0 && digits <= 12 && points <= 1 && text.p[0] != '.' && text.p[text.n - 1] != '.' &&
	       strtol(text.p, NULL, 10) < 100;
}

/* A discount of everything is no discount: below 100, like a tolerance. */
int read_percent(struct loader *l, const struct node *node, const struct key_rule *rule, void *target)
{
	if (node->kind != NODE_SCALAR || !is_percentage(node->text)) {
		wrong_value(l, node, "a percentage such as 20 or 17.5");
		return error_hint(l->err, "a number below 100, without the percent sign");
	}
	return read_text(l, node, rule, target);
}

int read_currency_code(struct loader *l, const struct node *node, const struct key_rule *rule, void *target)
{
	int index = node->kind == NODE_SCALAR ? currency_index(node->text) : -1;

	(void)rule;
	if (index < 0)
		return wrong_value(l, node, "one of USD, EUR, GBP, AUD, JPY, CAD");
	*(int *)target = index;
	return 0;
}

int read_day(struct loader *l, const struct node *node, const struct key_rule *rule, void *target)
{
	(void)rule;
	if (node->kind != NODE_SCALAR || !date_parse(node->text, target))
		return wrong_value(l, node, "a date such as 2023-11-01");
	return 0;
}

/* "+02:00", "-0530". */
static bool read_offset(struct strv text, int64_t *minutes)
{
	char time[40];
	int64_t ms;

	if (text.n < 5 || text.n > 6 || (text.p[0] != '+' && text.p[0] != '-'))
		return false;
	snprintf(time, sizeof time, "2000-01-02T00:00:00%.*s", STRV_ARG(text));
	if (!time_parse(strv_of(time), &ms, NULL))
		return false;
	*minutes = (date_to_ms((struct date){2000, 1, 2}) - ms) / 60000;
	return true;
}

int read_timezone(struct loader *l, const struct node *node, const struct key_rule *rule, void *target)
{
	struct job *job = CONTAINER_OF(target, struct job, timezone);

	(void)rule;
	job->timezone.local = node->kind == NODE_SCALAR && strv_eq_nocase(node->text, STRV("local"));
	if (job->timezone.local || (node->kind == NODE_SCALAR && strv_eq_nocase(node->text, STRV("UTC"))))
		return 0;
	if (node->kind != NODE_SCALAR || !read_offset(node->text, &job->timezone.minutes))
		return wrong_value(l, node, "UTC, local, or an offset such as \"+02:00\"");
	return 0;
}

int read_invoice_kinds(struct loader *l, const struct node *node, const struct key_rule *rule, void *target)
{
	struct text_pair *pairs;
	size_t count = 0;

	if (need_map(l, node, rule->type) < 0)
		return -1;
	pairs = arena_alloc(l->job->arena, (node->count + 1) * sizeof *pairs);
	for (const struct node *n = node->first; n; n = n->next) {
		if (n->kind != NODE_SCALAR || choice_index("usage|commitment|credit", n->text) < 0)
			return wrong_value(l, n, "one of usage|commitment|credit");
		pairs[count++] = (struct text_pair){
		    arena_strdup(l->job->arena, n->key), arena_strndup(l->job->arena, n->text.p, n->text.n)};
	}
	store_list(target, pairs, count);
	return 0;
}
