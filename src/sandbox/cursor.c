/* Page cursors; see cursor.h. Plain text inside with a check sum: it need not be secret, only whole. */
#include "sandbox/cursor.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "sandbox/form.h"
#include "tenantry/digest.h"
#include "tenantry/str.h"

/* Three bytes that base64 writes as "+++/". */
static const char mark[] = {(char)0xfb, (char)0xef, (char)0xbf};
enum { SUM_SIZE = 16 };

static const char *check_sum(struct strv text, struct arena *arena)
{
	return arena_printf(arena, "%016" PRIx64, digest64(text) ^ UINT64_C(0x5a9d0c));
}

char *cursor_write(const struct cursor *c, struct arena *arena)
{
	char *text = arena_printf(arena,
	    "%s %s %" PRId64 " %" PRId64 " %" PRId64 " %" PRId64 " %" PRId64 " %" PRId64 " %" PRId64
	    " %d %s.",
	    c->operation, c->root_id, c->limit, c->key[0], c->key[1], c->key[2], c->until, c->page, c->skip,
	    (int)c->again, c->filters);
	size_t n = strlen(text), total = sizeof mark + SUM_SIZE + n;
	/* One byte over a multiple of three gives "==" at the end. */
	size_t padding = (4 - total % 3) % 3;
	struct strbuf bytes = {0};

	strbuf_add(&bytes, mark, sizeof mark);
	strbuf_adds(&bytes, check_sum((struct strv){text, n}, arena));
	strbuf_add(&bytes, text, n);
	strbuf_add(&bytes, "    ", padding);
	char *encoded = base64_encode(arena, strbuf_view(&bytes));
	strbuf_free(&bytes);
	return encoded;
}

/* The next word of a text whose words are separated by one space; moves on. */
static char *word(char **at)
{
	char *start = *at, *space = start ? strchr(start, ' ') : NULL;

	if (space)
		*space = '\0';
	*at = space ? space + 1 : NULL;
	return start;
}

static int64_t number(char **at)
{
	return strtoll(*at ? word(at) : "0", NULL, 10);
}

bool cursor_open(const char *text, struct arena *arena, struct cursor *out)
{
	struct strv bytes;

	if (!base64_decode(arena, strv_of(text), &bytes) || bytes.n < sizeof mark + SUM_SIZE ||
	    memcmp(bytes.p, mark, sizeof mark) != 0)
		return false;
	struct strv content = {bytes.p + sizeof mark + SUM_SIZE, bytes.n - sizeof mark - SUM_SIZE};
	while (content.n > 0 && content.p[content.n - 1] == ' ')
		content.n--;
	char *plain = arena_strndup(arena, content.p, content.n), *at = plain;
	if (content.n == 0 || memcmp(check_sum(content, arena), bytes.p + sizeof mark, SUM_SIZE) != 0)
		return false;
	plain[content.n - 1] = '\0'; /* the full stop that kept the filters' own spaces */
	out->operation = word(&at);
	out->root_id = word(&at);
	if (!out->root_id)
		return false;
	out->limit = number(&at);
	for (size_t i = 0; i < 3; i++)
		out->key[i] = number(&at);
	out->until = number(&at);
	out->page = number(&at);
	out->skip = number(&at);
	out->again = number(&at) != 0;
	out->filters = at ? at : "";
	/* Cut padding and stray bits in the last digit decode to the same content; only what we wrote counts.
	 */
	return strcmp(cursor_write(out, arena), text) == 0;
}

bool cursor_read(
    const char *text, const char *operation, const char *root_id, struct arena *arena, struct cursor *out)
{
	return cursor_open(text, arena, out) && strcmp(out->operation, operation) == 0 &&
	       strcmp(out->root_id, root_id) == 0;
}
