/* One invoice line as it was read, with the reason why it cannot be used. */
#ifndef TENANTRY_INVOICE_LINE_H
#define TENANTRY_INVOICE_LINE_H

#include "bss/source_columns.h"
#include "bss/source_read.h"
#include "tenantry/invoice.h"

struct invoice_line {
	struct strv invoice_id, subscription_id, account_id; /* borrowed from the row */
	const char *source;
	unsigned long line;
	uint32_t file;
	enum invoice_kind kind;
	int month; /* INVOICE_ANY_MONTH: its period cannot be read */
	struct date date;
	char currency[4];      /* "" not readable */
	bool has_amount;       /* amount and currency are readable */
	int64_t amount, minor; /* millionths as written; rounded to smallest units */
	bool has_cost;
	int64_t cost, cost_expected; /* smallest units */
	char rate[AMOUNT_TEXT_SIZE]; /* "" none */
	bool outside;                /* of a month that was not asked for */
	const char *reason;          /* borrowed until the next line; NULL: it can be used */
};

struct invoice_reader {
	const struct job *job;
	struct rational *keep; /* what is left of a sell price as cost: 1 - discount; NULL: not known */
	struct rational *value;
	struct strbuf reason;
};
void invoice_reader_begin(struct invoice_reader *reader, const struct job *job);
void invoice_reader_end(struct invoice_reader *reader);
void invoice_line_read(struct invoice_reader *reader, const struct source_row *row,
    const struct invoice_window *window, struct invoice_line *line);
/* A reason in words. Borrowed until the next one. */
const char *invoice_reason(struct invoice_reader *reader, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

#endif
