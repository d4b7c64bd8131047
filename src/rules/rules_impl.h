/* What the files of the rules share: the compiled settings and the table. */
#ifndef TENANTRY_RULES_IMPL_H
#define TENANTRY_RULES_IMPL_H

#include "tenantry/rules.h"

struct tier_names {
	struct strv name, product;
	const struct tier *tier;
};

/* Texts with their lengths. */
struct strv_list {
	struct strv *items;
	size_t count;
};

struct rulebook {
	const struct job *job;
	struct tier_names *tiers;
	size_t tier_count;
	struct strv_list pending, ignored, aliases, currencies;
};

bool strv_in_list(const struct strv_list *list, struct strv text); /* case-blind */

/* A rule: who it is held against (a bit an action; ACTION_COUNT stands for an unknown one) and when it is
 * broken. */
struct rule {
	enum rule_code code;
	unsigned actions;
	bool (*broken)(const struct rulebook *, const struct order *);
};
extern const struct rule rule_table[];
extern const size_t rule_table_count;

/* Why contract-exists, subscription-unknown and no-tier-change say what they say: shared with the texts. */
const struct tier *current_tier(const struct order *order);
bool post_code_may_be_blank(const struct job *job, struct strv country);

#endif
