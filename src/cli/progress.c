/* The progress line; see progress.h. It is drawn over itself, so it is shorter than the terminal is wide, and
 * it is taken away before a log line or a result appears. State is file-wide as the log's is: there is one
 * terminal. */
#include "tenantry/progress.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "tenantry/clock.h"
#include "tenantry/log.h"
#include "tenantry/str.h"

enum { REDRAW_MS = 100, RATE_AFTER_MS = 500, LINE_MAX_COLUMNS = 200 };

static struct {
	struct clock *clock; /* NULL: nothing is drawn */
	char label[64];
	int64_t began, drawn; /* monotonic */
	uint64_t first;       /* done when the label began: resumed work has no rate */
	bool visible;
	bool plain;     /* no escape sequences */
	size_t columns; /* of what is drawn, to be painted over when plain */
} line;

void progress_start(struct clock *clock)
{
	line.clock = clock;
	line.label[0] = '\0';
	line.visible = false;
	line.columns = 0;
	const char *no_color = getenv("NO_COLOR");
	line.plain = no_color && no_color[0];
	log_progress_hook(clock ? progress_clear : NULL);
}

/* "1,234,567" */
static void add_number(struct strbuf *out, uint64_t n)
{
	char digits[24];
	int length = snprintf(digits, sizeof digits, "%" PRIu64, n);

	for (int i = 0; i < length; i++) {
		if (i > 0 && (length - i) % 3 == 0)
			strbuf_addc(out, ',');
		strbuf_addc(out, digits[i]);
	}
}

static void add_amount(struct strbuf *out, uint64_t n, bool bytes)
{
	if (!bytes) {
		add_number(out, n);
		return;
	}
	add_number(out, n / 1000000);
	strbuf_addf(out, ".%u", (unsigned)(n / 100000 % 10));
}

static void add_rate(struct strbuf *out, uint64_t done, uint64_t total, int64_t elapsed, bool bytes)
{
	uint64_t since = done - line.first, left = total > done ? total - done : 0;

	if (elapsed < RATE_AFTER_MS || done <= line.first)
		return;
	strbuf_adds(out, ", ");
	add_amount(out, since * 1000 / (uint64_t)elapsed, bytes);
	strbuf_adds(out, bytes ? " MB/s" : "/s");
	if (left == 0)
		return;
	/* In seconds, rounded up; divided first where the product could overflow. */
	uint64_t seconds = left > UINT64_MAX / (uint64_t)elapsed
			       ? left / since * ((uint64_t)elapsed / 1000)
			       : (left * (uint64_t)elapsed / since + 999) / 1000;
	if (seconds >= 3600)
		strbuf_addf(out, ", %" PRIu64 ":%02u:%02u left", seconds / 3600,
		    (unsigned)(seconds / 60 % 60), (unsigned)(seconds % 60));
	else
		strbuf_addf(out, ", %u:%02u left", (unsigned)(seconds / 60), (unsigned)(seconds % 60));
}

static unsigned percent(uint64_t done, uint64_t total)
{
	if (done >= total)
		return 100;
	return (unsigned)(total > UINT64_MAX / 100 ? done / (total / 100) : done * 100 / total);
}

static void draw(uint64_t done, uint64_t total, bool bytes, int64_t elapsed)
{
	struct strbuf text = {0};
	struct winsize size;
	size_t columns = LINE_MAX_COLUMNS;

	strbuf_addf(&text, "%s ", line.label);
	add_amount(&text, done, bytes);
	if (total > 0) {
		strbuf_addc(&text, '/');
		add_amount(&text, total, bytes);
	}
	if (bytes)
		strbuf_adds(&text, " MB");
	if (total > 0)
		strbuf_addf(&text, " (%u %%)", percent(done, total));
	add_rate(&text, done, total, elapsed, bytes);
	if (ioctl(STDERR_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col > 1)
		columns = size.ws_col - 1u;
	if (text.n > columns)
		text.n = columns;
	int rest = line.plain && line.columns > text.n ? (int)(line.columns - text.n) : 0;
	fprintf(stderr, "\r%.*s%*s%s", (int)text.n, text.p, rest, "", line.plain ? "" : "\033[K");
	fflush(stderr);
	line.columns = text.n;
	line.visible = true;
	strbuf_free(&text);
}

void progress_show(const char *label, uint64_t done, uint64_t total, const char *unit)
{
	int64_t now;

	if (!line.clock)
		return;
	now = clock_mono_ms(line.clock);
	if (strcmp(label, line.label) != 0 || done < line.first) {
		snprintf(line.label, sizeof line.label, "%s", label);
		line.began = now;
		line.first = done;
		line.drawn = now - REDRAW_MS;
	}
	if (now - line.drawn < REDRAW_MS)
		return;
	line.drawn = now;
	draw(done, total, unit && strcmp(unit, "bytes") == 0, now - line.began);
}

void progress_clear(void)
{
	if (!line.visible)
		return;
	line.visible = false;
	if (line.plain)
		fprintf(stderr, "\r%*s\r", (int)line.columns, "");
	else
		fputs("\r\033[K", stderr);
	line.columns = 0;
	fflush(stderr);
}
