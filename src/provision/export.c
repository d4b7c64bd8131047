/* Write-back for CSV sources: what the BSS imports the next morning. One line for each item that this run
 * brought to an end, from the ledger's record as it stood at the end of the run, so that writing the files
 * again gives the same bytes.
 *
 * subscriptions-import.csv has the shape of a subscriptions file and can be read as one; orders-executed.csv
 * says what became of each order. Both are the input's shape and stay undefused. */
#include "tenantry/provision.h"

#include <stdlib.h>

#include "tenantry/csv.h"
#include "tenantry/fix.h"
#include "tenantry/mem.h"

static const char *const subscription_columns[] = {"Subscription Id", "Subscription External Id",
    "Account Id", "Account", "Username", "Tier", "Product Code", "Status", "Quantity", "Currency",
    "Start Date", "End Date", "Ramp Up Months", "Is Trial", "Provisioning Sync Status", "Updated At",
    "Order Item Id"};
static const char *const order_columns[] = {
    "Order Id", "Order Item Id", "Executed At", "Subscription Id", "Tenant Id", "Result"};

struct export
{
	const struct job *job;
	struct atomic_file *subscriptions, *orders;
	struct csv_writer row;
	struct export_counts counts;
};

static void write_header(struct export *x, struct atomic_file *file, const char *const *columns, size_t count)
{
	for (size_t i = 0; i < count; i++)
		csv_writer_text(&x->row, columns[i]);
	csv_writer_end(&x->row, file);
}

static void write_time(struct export *x, int64_t ms)
{
	char text[TIME_TEXT_SIZE];

	csv_writer_text(&x->row, ms ? time_text(ms, text) : "");
}

/* What the subscription is after the item; NULL: nothing about it is known to be new, so it gets no line. A
 * change that did not happen leaves the subscription as it was. */
static const char *status_after(const struct item_record *item)
{
	if (item->state == ITEM_DONE)
		return action_status(item->action);
	if ((item->state == ITEM_FAILED || item->state == ITEM_PARKED) && item->action == ACTION_NEW &&
	    item->step >= STEP_SUBSCRIPTION)
		return "Pending";
	return NULL;
}

static void write_subscription(struct export *x, const struct item_record *item, const char *status)
{
	const struct tier *tier = job_tier_by_name(x->job, strv_of(item->tier));
	char day[DATE_TEXT_SIZE];
	bool done = item->state == ITEM_DONE;

	csv_writer_text(&x->row, item->subscription_id);
	csv_writer_text(&x->row, item->tenant_id);
	csv_writer_text(&x->row, item->account_id);
	csv_writer_text(&x->row, item->account);
	csv_writer_text(&x->row, item->login);
	csv_writer_text(&x->row, item->tier);
	csv_writer_text(&x->row, tier && tier->product ? tier->product : "");
	csv_writer_text(&x->row, status);
	csv_writer_text(&x->row, "1");
	csv_writer_text(&x->row, item->currency);
	csv_writer_text(&x->row, item->start_date[0] || !done || item->action != ACTION_NEW
				     ? item->start_date
				     : date_text(date_of_ms(item->executed_at), day));
	csv_writer_text(&x->row,
	    done && item->action == ACTION_CANCEL ? date_text(date_of_ms(item->executed_at), day) : "");
	csv_writer_text(&x->row, "");
	csv_writer_text(&x->row, "");
	csv_writer_text(&x->row, done ? "Synchronized" : "Failed");
	write_time(x, item->updated_at);
	csv_writer_text(&x->row, item->item_id[0] ? item->item_id : item->order_id);
	csv_writer_end(&x->row, x->subscriptions);
	x->counts.subscriptions++;
}

static void write_order(struct export *x, const struct item_record *item)
{
	csv_writer_text(&x->row, item->order_id);
	csv_writer_text(&x->row, item->item_id[0] ? item->item_id : item->order_id);
	write_time(x, item->state == ITEM_DONE ? item->executed_at : 0);
	csv_writer_text(&x->row, item->subscription_id);
	csv_writer_text(&x->row, item->tenant_id);
	csv_writer_text(&x->row, item_state_name(item->state));
	csv_writer_end(&x->row, x->orders);
	x->counts.orders++;
}

static int export_item(void *user, const struct item_record *item)
{
	struct export *x = user;
	const char *status = status_after(item);

	if (status)
		write_subscription(x, item, status);
	if (item->state == ITEM_DONE || item->state == ITEM_FAILED || item->state == ITEM_PARKED)
		write_order(x, item);
	return 0;
}

/* A subscription as the BSS has it, with the external id that it should have. */
static void write_fix(struct export *x, const struct fix *fix)
{
	const struct subscription *s = fix->subscription;
	char day[DATE_TEXT_SIZE], months[24];

	csv_writer_text(&x->row, s->id);
	csv_writer_text(&x->row, fix->to);
	csv_writer_text(&x->row, s->account_id);
	csv_writer_text(&x->row, s->account);
	csv_writer_text(&x->row, s->username);
	csv_writer_text(&x->row, s->tier_text);
	csv_writer_text(&x->row, s->product_code);
	csv_writer_text(&x->row, subscription_status_name(s->status));
	csv_writer_text(&x->row, s->quantity);
	csv_writer_text(&x->row, s->currency);
	csv_writer_text(&x->row, date_is_set(s->start_date) ? date_text(s->start_date, day) : "");
	csv_writer_text(&x->row, date_is_set(s->end_date) ? date_text(s->end_date, day) : "");
	snprintf(months, sizeof months, "%lld", (long long)s->ramp_up_months);
	csv_writer_text(&x->row, s->ramp_up_months > 0 ? months : "");
	csv_writer_text(&x->row, s->is_trial < 0 ? "" : s->is_trial ? "true" : "false");
	csv_writer_text(&x->row, s->sync_status);
	write_time(x, s->updated_at);
	csv_writer_text(&x->row, "");
	csv_writer_end(&x->row, x->subscriptions);
}

static struct atomic_file *begin_file(const char *folder, const char *name, struct error *err)
{
	char *path = mem_printf("%s/%s", folder, name);
	struct atomic_file *file = atomic_file_new(path, err);

	free(path);
	return file;
}

int export_write(struct ledger *ledger, const struct job *job, const char *run_id, const char *folder,
    struct export_counts *out, struct error *err)
{
	struct export x = {.job = job};
	int rc = -1;

	*out = (struct export_counts){0};
	if (bss_writes_back(job))
		return 0;
	x.subscriptions = begin_file(folder, "subscriptions-import.csv", err);
	x.orders = x.subscriptions ? begin_file(folder, "orders-executed.csv", err) : NULL;
	if (!x.orders)
		goto out;
	write_header(&x, x.subscriptions, subscription_columns, ARRAY_LEN(subscription_columns));
	write_header(&x, x.orders, order_columns, ARRAY_LEN(order_columns));
	if (ledger_items(ledger, &(struct item_filter){.run_id = run_id, .state = -1}, export_item, &x, err) <
	    0)
		goto out;
	rc = atomic_file_commit(x.subscriptions, err);
	x.subscriptions = NULL;
	if (rc == 0)
		rc = atomic_file_commit(x.orders, err);
	else
		atomic_file_abort(x.orders);
	x.orders = NULL;
	*out = x.counts;
out:
	atomic_file_abort(x.subscriptions);
	atomic_file_abort(x.orders);
	csv_writer_free(&x.row);
	return rc;
}

int export_fixes(const struct job *job, const struct fix *const *fixes, size_t count, const char *folder,
    struct error *err)
{
	struct export x = {.job = job, .subscriptions = begin_file(folder, "subscriptions-fixes.csv", err)};

	if (!x.subscriptions)
		return -1;
	write_header(&x, x.subscriptions, subscription_columns, ARRAY_LEN(subscription_columns));
	for (size_t i = 0; i < count; i++)
		write_fix(&x, fixes[i]);
	csv_writer_free(&x.row);
	return atomic_file_commit(x.subscriptions, err);
}
