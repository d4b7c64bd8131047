/* Whose logins a night reads, and what becomes of earlier findings about logins that it did not read. How
 * they are read is observe_logins.c's. */
#include "run_impl.h"

#include <stdlib.h>

#include "tenantry/log.h"
#include "tenantry/mem.h"
#include "tenantry/reconcile.h"

struct open_logins {
	struct run *run;
	struct finding_record *items;
	size_t count, cap;
};

static int keep_open(void *user, const struct finding_record *finding)
{
	struct open_logins *open = user;

	/* What this run has put itself was read. */
	if (strcmp(finding->code, finding_code_name(FINDING_LOGIN_MISMATCH)) != 0 ||
	    strcmp(finding->run_id, open->run->run_id) == 0)
		return 0;
	MEM_GROW(open->items, open->count, open->cap);
	open->items[open->count++] = run_keep_finding(open->run, finding);
	return 0;
}

static int open_mismatches(struct run *run, struct open_logins *open, struct error *err)
{
	*open = (struct open_logins){.run = run};
	return run->ledger ? ledger_findings(run->ledger, NULL, NULL, keep_open, open, err) : 0;
}

/* An account whose only finding is its login has none until its login is read. */
int run_read_logins(struct run *run, const struct observe *settings, struct observation *observation,
    const struct reconcile_result *first, struct error *err)
{
	struct open_logins open;
	const char **accounts = NULL;
	size_t count = 0;
	int rc = open_mismatches(run, &open, err);

	if (rc == 0) {
		accounts =
		    mem_zalloc((run->pending_count + first->count + open.count + 1) * sizeof *accounts);
		for (size_t i = 0; i < run->pending_count; i++)
			accounts[count++] = run->pending[i].item->account_id;
		for (size_t i = 0; i < first->count; i++)
			accounts[count++] = first->findings[i].account_id;
		for (size_t i = 0; i < open.count; i++)
			accounts[count++] = open.items[i].account_id;
		rc = observe_logins(settings, observation, accounts, count, err);
	}
	free(accounts);
	free(open.items);
	return rc;
}

static int by_id(const void *a, const void *b)
{
	const struct observed_tenant *x = *(const struct observed_tenant *const *)a;
	const struct observed_tenant *y = *(const struct observed_tenant *const *)b;

	return strcmp(x->id, y->id);
}

/* Tenants that are there and whose login was not read: of one that is gone none can be found right. */
static const struct observed_tenant **unread_tenants(const struct observation *observation, size_t *count)
{
	const struct observed_tenant **unread = mem_zalloc((observation->count + 1) * sizeof *unread);

	*count = 0;
	for (size_t i = 0; i < observation->count; i++) {
		const struct observed_tenant *tenant = &observation->items[i];
		if (!tenant->login_read && tenant->deleted_at[0] == '\0')
			unread[(*count)++] = tenant;
	}
	qsort(unread, *count, sizeof *unread, by_id);
	return unread;
}

int run_logins_carry(struct run *run, const struct observation *observation, struct error *err)
{
	struct open_logins open;
	size_t unread_count;
	const struct observed_tenant **unread = unread_tenants(observation, &unread_count);
	unsigned long carried = 0;
	int rc = open_mismatches(run, &open, err);

	for (size_t i = 0; rc == 0 && i < open.count; i++) {
		const struct observed_tenant wanted = {.id = open.items[i].tenant_id}, *key = &wanted;
		if (!bsearch(&key, unread, unread_count, sizeof *unread, by_id))
			continue;
		rc = ledger_finding_put(run->ledger, &open.items[i], err);
		carried++;
	}
	if (carried > 0)
		log_warn("%lu findings about logins stay open: the logins were not read", carried);
	free(unread);
	free(open.items);
	return rc;
}
