/* The three error shapes of the API; see envelope_impl.h. Sources: acronis-notes.md sections 1, 3 and 7. */
#include "envelope_impl.h"

#include <stdio.h>
#include <string.h>

#include "tenantry/log.h"

enum { FIRST_PLATFORM_CODE = 1000 };

/* Foreign text goes into logs, terminals and CSV files: control characters become spaces. */
static void copy_text(char *out, size_t size, const char *text)
{
	snprintf(out, size, "%s", text ? text : "");
	for (char *c = out; *c; c++)
		if ((unsigned char)*c < 0x20 || *c == 0x7f)
			*c = ' ';
	/* A cut in the middle of a UTF-8 sequence takes the rest of it away. */
	ptrdiff_t bad = strv_bad_utf8(strv_of(out));
	if (bad >= 0)
		out[bad] = '\0';
}

static void read_code(const json_t *code, struct envelope *out)
{
	int64_t number = 0;

	if (json_is_integer(code))
		number = json_integer_value(code);
	else if (json_is_string(code) && !strv_to_int64(strv_of(json_string_value(code)), &number))
		copy_text(out->word, sizeof out->word, json_string_value(code));
	if (number >= FIRST_PLATFORM_CODE)
		out->platform_code = number;
}

static void read_message(const json_t *object, struct envelope *out)
{
	const char *message = json_string_value(json_object_get(object, "message"));
	const char *info = json_string_value(json_object_get(json_object_get(object, "details"), "info"));
	char both[sizeof out->message];

	if (message && info && info[0])
		snprintf(both, sizeof both, "%s: %s", message, info);
	else
		snprintf(both, sizeof both, "%s", message ? message : info ? info : "");
	copy_text(out->message, sizeof out->message, both);
}

void envelope_read(const json_t *json, struct envelope *out)
{
	const json_t *error = json_object_get(json, "error");

	*out = (struct envelope){0};
	if (json_is_string(error)) {
		copy_text(out->word, sizeof out->word, json_string_value(error));
		copy_text(out->message, sizeof out->message,
		    json_string_value(json_object_get(json, "error_description")));
		return;
	}
	const json_t *object = json_is_object(error) ? error : json;
	read_code(json_object_get(object, "code"), out);
	read_message(object, out);
}

void envelope_describe(
    struct acronis_answer *answer, const char *operation, const struct envelope *envelope, const char *why)
{
	struct strbuf text = {0};

	strbuf_addf(&text, "%s:", operation);
	if (answer->status)
		strbuf_addf(&text, " %d", answer->status);
	if (envelope->platform_code)
		strbuf_addf(&text, ", %lld", (long long)envelope->platform_code);
	if (envelope->word[0])
		strbuf_addf(&text, ", %s", envelope->word);
	const char *words = why ? why : envelope->message;
	if (words[0])
		strbuf_addf(&text, "%s%s",
		    !answer->status           ? " "
		    : envelope->platform_code ? " "
					      : ", ",
		    words);
	if (answer->tries > 1)
		strbuf_addf(&text, " (%d tries)", answer->tries);
	if (answer->result != API_OK)
		log_mask(text.p);
	copy_text(answer->text, sizeof answer->text, text.p);
	strbuf_free(&text);
}
