/* Rules about the whole intake: the same item twice, a second contract, a login of two accounts. */
#ifndef TENANTRY_INTAKE_SETS_H
#define TENANTRY_INTAKE_SETS_H

#include "bss/input_files.h"
#include "tenantry/rules.h"

/* Three passes over the same rows. mark: every row that can be read. collect: again those in the blocks that
 * have one to be collected, only when intake_sets_collects() says so. meet and accepted: row by row while
 * they are judged. */
struct intake_sets;

struct intake_sets *intake_sets_new(const struct source_files *files, enum order_key order_key);
void intake_sets_free(struct intake_sets *sets); /* NULL is fine */

/* `block`: where the row stands, see intake_blocks.h. */
void intake_sets_mark(
    struct intake_sets *sets, struct strv key, struct strv account_id, struct strv login, uint32_t block);
int intake_sets_marked(struct intake_sets *sets, struct error *err) MUST_USE;

bool intake_sets_collects(const struct intake_sets *sets);
bool intake_sets_in_block(
    const struct intake_sets *sets, uint32_t block); /* a row to be collected stands in it */
bool intake_sets_is_candidate(const struct intake_sets *sets, struct strv key);
int intake_sets_collect(
    struct intake_sets *sets, const struct order *order, size_t file, struct error *err) MUST_USE;

/* Sets the order's duplicate_of and duplicate_is_others. 1: an identical row came before, 0: not, -1 err. */
int intake_sets_meet_item(
    struct intake_sets *sets, struct order *order, size_t file, struct error *err) MUST_USE;
/* Sets contract_before and login_before; after order_read(). */
int intake_sets_meet_accepted(struct intake_sets *sets, struct order *order, struct error *err) MUST_USE;
/* The order that was met last was accepted. */
int intake_sets_accept(
    struct intake_sets *sets, const struct order *order, size_t file, struct error *err) MUST_USE;

#endif
