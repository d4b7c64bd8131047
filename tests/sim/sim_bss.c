/* The BSS's files: what a night wrote comes in, row by row, prompt or late; orders and subscriptions go out.
 * See sim_world.h. */
#include "sim_world.h"

#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "tenantry/atomic_file.h"
#include "tenantry/mem.h"

/* ---- Names. */

const char *world_account_name(int account, char text[32])
{
	snprintf(text, 32, "Reseller %d Ltd", account);
	return text;
}

const char *world_login(const struct world *world, int account, char text[64])
{
	bool bad = false;

	for (int i = 0; i < world->order_count; i++)
		bad = bad || (world->orders[i].account == account && world->orders[i].bad_login);
	snprintf(text, 64, "%s%d@reseller.example.com", bad ? "unacceptable" : "owner", account);
	return text;
}

const char *world_tier_name(int tier, char text[16])
{
	text[0] = '\0';
	if (tier >= 0)
		snprintf(text, 16, "Tier %d", tier);
	return text;
}

void bss_write_text(const char *path, const char *text, int64_t wall_ms)
{
	struct timespec at[2] = {{.tv_sec = wall_ms / 1000}, {.tv_sec = wall_ms / 1000}};

	FILE *file = fopen(path, "w");
	if (!file)
		return;
	fputs(text, file);
	fclose(file);
	utimensat(AT_FDCWD, path, at, 0);
}

/* ---- What a night wrote comes into the BSS: rows of one subscription in their order, each after its own
 * while. */

struct world_subscription *bss_subscription(struct world *w, const char *id)
{
	for (int i = 0; i < w->subscription_count; i++)
		if (strcmp(w->subscriptions[i].id, id) == 0)
			return &w->subscriptions[i];
	if (w->subscription_count == SIM_ORDERS)
		return NULL;
	struct world_subscription *s = &w->subscriptions[w->subscription_count++];
	*s = (struct world_subscription){.account = -1};
	snprintf(s->id, sizeof s->id, "%s", id);
	return s;
}

enum {
	S_ID,
	S_EXTERNAL,
	S_ACCOUNT,
	S_NAME,
	S_USER,
	S_TIER,
	S_PRODUCT,
	S_STATUS,
	S_QUANTITY,
	S_CURRENCY,
	S_START,
	S_END,
	S_SYNC = 14,
	S_UPDATED
};
enum { O_ID, O_ITEM, O_EXECUTED, O_SUBSCRIPTION, O_TENANT, O_RESULT };

static void copy(char *out, size_t size, const char *text)
{
	snprintf(out, size, "%s", text);
}

static void import_subscription(struct world *w, const struct world_row *row)
{
	struct world_subscription *s = bss_subscription(w, row->cells[S_ID]);

	if (!s)
		return;
	s->account = sim_account_number(row->cells[S_ACCOUNT]);
	copy(s->external_id, sizeof s->external_id, row->cells[S_EXTERNAL]);
	copy(s->tier, sizeof s->tier, row->cells[S_TIER]);
	copy(s->status, sizeof s->status, row->cells[S_STATUS]);
	copy(s->currency, sizeof s->currency, row->cells[S_CURRENCY]);
	copy(s->start, sizeof s->start, row->cells[S_START]);
	copy(s->end, sizeof s->end, row->cells[S_END]);
	copy(s->sync, sizeof s->sync, row->cells[S_SYNC]);
	copy(s->updated, sizeof s->updated, row->cells[S_UPDATED]);
}

static void import_order(struct world *w, const struct world_row *row)
{
	int number = sim_order_number(row->cells[O_ITEM]);

	if (number < 0 || number >= w->order_count) {
		sim_fail(w->sim, "orders-executed.csv names order item \"%s\", which the BSS does not have",
		    row->cells[O_ITEM]);
		return;
	}
	if (strcmp(row->cells[O_RESULT], "done") != 0)
		return;
	w->orders[number].executed_seen = true;
	if (w->orders[number].status == ORDER_SUBMITTED)
		w->orders[number].status = ORDER_EXECUTED;
}

static void import_due(struct world *w)
{
	size_t kept = 0;

	for (size_t i = 0; i < w->row_count; i++) {
		const struct world_row *row = &w->rows[i];
		if (!w->calm && row->night > w->night) {
			w->rows[kept++] = *row;
			continue;
		}
		w->sim->stats.imports++;
		if (row->order)
			import_order(w, row);
		else
			import_subscription(w, row);
	}
	w->row_count = kept;
}

/* Our texts hold no commas and no quotes. */
static void split(char *line, char cells[17][64])
{
	for (int i = 0; i < 17; i++) {
		char *comma = line ? strchr(line, ',') : NULL;
		if (comma)
			*comma = '\0';
		snprintf(cells[i], 64, "%s", line ? line : "");
		line = comma ? comma + 1 : NULL;
	}
}

static int64_t morning_of(struct world *w, const struct world_row *row)
{
	int64_t night =
	    w->night + (sim_chance(&w->sim->world, 700) ? 0 : 1 + (int64_t)sim_below(&w->sim->world, 3));
	struct world_subscription *s = row->order ? NULL : bss_subscription(w, row->cells[S_ID]);

	if (s && s->due_night > night)
		night = s->due_night;
	if (s)
		s->due_night = night;
	return night;
}

static void take_rows(struct world *w, char *text, bool orders)
{
	char *save = NULL, *line = strtok_r(text, "\r\n", &save);

	while (line && (line = strtok_r(NULL, "\r\n", &save)) != NULL) {
		MEM_GROW(w->rows, w->row_count, w->row_cap);
		struct world_row *row = &w->rows[w->row_count++];
		row->order = orders;
		split(line, row->cells);
		row->night = morning_of(w, row);
	}
}

/* An export that was read before is read again only when it has become another one. */
static bool is_new(struct world *w, const char *path, const char *text)
{
	char digest[DIGEST_TEXT_SIZE], mark[160];

	digest_text(digest_of(strv_of(text)), digest);
	snprintf(mark, sizeof mark, "%.100s %s", path + strlen(w->folder), digest);
	for (size_t i = 0; i < w->imported_count; i++)
		if (strcmp(w->imported[i], mark) == 0)
			return false;
	MEM_GROW(w->imported, w->imported_count, w->imported_cap);
	memcpy(w->imported[w->imported_count++], mark, sizeof mark);
	return true;
}

static void read_export(struct world *w, const char *run, const char *name, bool orders)
{
	char path[400];
	struct error err = {0};
	size_t n;

	snprintf(path, sizeof path, "%s/runs/%s/%s", w->folder, run, name);
	if (access(path, F_OK) != 0)
		return;
	char *text = file_read_all(path, 1 << 20, &n, &err);
	if (!text)
		sim_fail(w->sim, "%s cannot be read: %s", name, err.text);
	else if (is_new(w, path, text))
		take_rows(w, text, orders);
	free(text);
}

static int run_names(const struct dirent *entry)
{
	return entry->d_name[0] == '2';
}

static void read_exports(struct world *w)
{
	char path[128];
	struct dirent **names;

	snprintf(path, sizeof path, "%s/runs", w->folder);
	int count = scandir(path, &names, run_names, alphasort);
	for (int i = 0; i < count; i++) {
		read_export(w, names[i]->d_name, "subscriptions-import.csv", false);
		read_export(w, names[i]->d_name, "orders-executed.csv", true);
		free(names[i]);
	}
	if (count >= 0)
		free(names);
}

void bss_import(struct world *w)
{
	if (w->sim->database) {
		database_import(w);
		return;
	}
	read_exports(w);
	import_due(w);
}

bool bss_awaits(const struct world *w, int account)
{
	for (size_t i = 0; i < w->row_count; i++)
		if (!w->rows[i].order && sim_account_number(w->rows[i].cells[S_ACCOUNT]) == account)
			return true;
	return false;
}

/* ---- The BSS writes its files. */

static void write_orders(struct world *w)
{
	static const char *const statuses[] = {"Submitted", "Executed", "Canceled"};
	struct strbuf out = {0};
	char name[32], login[64], tier[16], day[DATE_TEXT_SIZE];

	w->sim->reused_rows = 0;

	strbuf_adds(&out,
	    "Order Id,Order Item Id,Order Date,Order Status,Channel,Action,Account Id,Account,Is Reseller,Tier,Quantity,"
	    "Currency,Email,First Name,Last Name,Address 1,City,Post Code,Country Code,Terms Accepted,Subscription Id\n");
	for (int i = 0; i < w->order_count; i++) {
		const struct world_order *o = &w->orders[i];
		if (o->reused_nights > 0) {
			world_add_reused(w, i, &out);
			continue;
		}
		if (w->sim->database && o->status != ORDER_SUBMITTED)
			continue; /* the query gives what is pending */
		strbuf_addf(&out,
		    "ORD-%d,OI-%d,%s,%s,Storefront,%s,A%d,%s,true,%s,%d,%s,%s,Ann,Lee,%d Main Street,City %u,02110,US,true,%s\n",
		    i, i, date_text(date_of_ms(o->placed), day), statuses[o->status], action_name(o->action),
		    o->account, world_account_name(o->account, name), world_tier_name(o->tier, tier),
		    o->never ? 2 : 1, o->account % 3 ? "USD" : "EUR", world_login(w, o->account, login),
		    o->account, o->version, o->subscription_id);
	}
	bss_write_text(w->job->bss.orders.csv, out.p, clock_wall_ms(&w->sim->clock));
	strbuf_free(&out);
}

static void write_subscriptions(struct world *w)
{
	struct strbuf out = {0};
	char name[32], login[64];

	strbuf_adds(&out,
	    "Subscription Id,Subscription External Id,Account Id,Account,Username,Tier,Status,Quantity,Currency,Start Date,"
	    "End Date,Provisioning Sync Status,Updated At\n");
	for (int i = 0; i < w->subscription_count; i++) {
		const struct world_subscription *s = &w->subscriptions[i];
		if (s->account < 0)
			continue;
		strbuf_addf(&out, "%s,%s,A%d,%s,%s,%s,%s,1,%s,%s,%s,%s,%s\n", s->id, s->external_id,
		    s->account, world_account_name(s->account, name), world_login(w, s->account, login),
		    s->tier, s->status, s->currency, s->start, s->end, s->sync, s->updated);
	}
	bss_write_text(w->job->bss.subscriptions.csv, out.p, clock_wall_ms(&w->sim->clock));
	strbuf_free(&out);
}

void bss_export(struct world *w)
{
	if (w->sim->database)
		database_export(w);
	write_orders(w);
	write_subscriptions(w);
}
