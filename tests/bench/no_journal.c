/* The journal of provisioning as it would be without one: every write to the ledger between the first and the
 * last order is left out, the digests and commits with it (linked in the place of src/provision/journal.c's
 * functions by --wrap). Only for measuring what the journal costs: a night of this program cannot be resumed,
 * and its ledger knows of no order. */
#include "provision/journal.h"

#define UNUSED __attribute__((unused))
#define NOTHING(name, ...)                                                                                   \
	int __wrap_##name(__VA_ARGS__);                                                                      \
	int __wrap_##name(__VA_ARGS__)                                                                       \
	{                                                                                                    \
		return 0;                                                                                    \
	}

static int64_t intent(struct journal *journal)
{
	return (int64_t)++journal->changes;
}

int64_t __wrap_journal_intent(struct journal *journal, const char *item_key UNUSED, enum step step UNUSED,
    const struct acronis_request *request UNUSED, const char *target UNUSED, struct error *err UNUSED);
int64_t __wrap_journal_intent(struct journal *journal, const char *item_key UNUSED, enum step step UNUSED,
    const struct acronis_request *request UNUSED, const char *target UNUSED, struct error *err UNUSED)
{
	return intent(journal);
}

int64_t __wrap_journal_write_intent(struct journal *journal, const char *item_key UNUSED,
    enum step step UNUSED, const char *call UNUSED, const char *target UNUSED, const char *content UNUSED,
    struct error *err UNUSED);
int64_t __wrap_journal_write_intent(struct journal *journal, const char *item_key UNUSED,
    enum step step UNUSED, const char *call UNUSED, const char *target UNUSED, const char *content UNUSED,
    struct error *err UNUSED)
{
	return intent(journal);
}

NOTHING(journal_outcome, struct journal *journal UNUSED, int64_t id UNUSED,
    const struct acronis_answer *answer UNUSED, const char *object_id UNUSED, struct error *err UNUSED)
NOTHING(journal_write_outcome, struct journal *journal UNUSED, int64_t id UNUSED,
    enum bss_outcome outcome UNUSED, const char *detail UNUSED, struct error *err UNUSED)
NOTHING(journal_settled, struct journal *journal UNUSED, int64_t id UNUSED, bool carried_out UNUSED,
    const char *object_id UNUSED, struct error *err UNUSED)
NOTHING(journal_item, struct journal *journal UNUSED, const struct item_record *record UNUSED,
    struct error *err UNUSED)
NOTHING(journal_note, struct journal *journal UNUSED, const struct item_record *record UNUSED,
    struct error *err UNUSED)
NOTHING(journal_tenant, struct journal *journal UNUSED, const struct known_tenant *tenant UNUSED,
    struct error *err UNUSED)
NOTHING(journal_batch, struct journal *journal UNUSED, const struct batch_record *batch UNUSED,
    struct error *err UNUSED)
NOTHING(journal_commit, struct journal *journal UNUSED, struct error *err UNUSED)
