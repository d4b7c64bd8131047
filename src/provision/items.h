/* The ledger's record of an order item as apply reads and writes it. */
#ifndef TENANTRY_ITEMS_H
#define TENANTRY_ITEMS_H

#include "journal.h"

struct item_history {
	bool known;                /* the ledger had it before */
	struct item_record record; /* as it is to be written: the plan's content, the ledger's progress */
	struct step_record *rows;  /* its journal so far */
	size_t row_count;
};

/* Everything lives in the arena, the plan and the order item. */
int item_load(const struct journal *journal, const struct plan_action *action, struct arena *arena,
    struct item_history *out, struct error *err) MUST_USE;
/* What became of the action: the record of its order item, or of its correction. */
int item_save(struct journal *journal, const struct plan_action *action, const struct item_record *record,
    struct error *err) MUST_USE;
/* An item that gets a state without any call: parked by the plan or due later. `batch` 0: none. */
int item_put_without_calls(struct journal *journal, const struct plan_action *action, int64_t batch,
    enum item_state state, const char *reason, const char *text, struct error *err) MUST_USE;
/* Planned in this run and not begun: the run has it as accepted. What the item came to before stands. */
int item_put_not_started(struct journal *journal, const struct plan_action *action, int64_t batch,
    const char *why, struct error *err) MUST_USE;
/* Held back by the budget for loss: the run has it as received, with the reason. So has the ledger an item
 * that was never accepted; what another came to before stands. */
int item_put_held(struct journal *journal, const struct plan_action *action, int64_t batch, const char *why,
    struct error *err) MUST_USE;

#endif
