/* The log; see log.h. */
#include "tenantry/log.h"

#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "tenantry/clock.h"
#include "tenantry/mem.h"
#include "tenantry/str.h"

enum { MAX_SECRETS = 64, MIN_SECRET = 4 };

static struct {
	struct log_settings settings;
	char run_id[64], job[64];
	char *secrets[MAX_SECRETS];
	void (*clear_progress)(void);
} the_log = {.settings.level = LOG_INFO};

static const char *const level_names[] = {"debug", "info", "warning", "error"};

void log_setup(const struct log_settings *settings)
{
	the_log.settings = *settings;
}

void log_context(const char *run_id, const char *job)
{
	snprintf(the_log.run_id, sizeof the_log.run_id, "%s", run_id ? run_id : "");
	snprintf(the_log.job, sizeof the_log.job, "%s", job ? job : "");
}

bool log_enabled(enum log_level level)
{
	return level >= the_log.settings.level;
}

void log_secret(const char *secret)
{
	size_t slot = MAX_SECRETS;

	if (!secret || strlen(secret) < MIN_SECRET)
		return;
	for (size_t i = 0; i < MAX_SECRETS; i++) {
		if (the_log.secrets[i] && strcmp(the_log.secrets[i], secret) == 0)
			return;
		if (!the_log.secrets[i] && slot == MAX_SECRETS)
			slot = i;
	}
	if (slot < MAX_SECRETS)
		the_log.secrets[slot] = mem_strdup(secret);
}

void log_secret_forget(const char *secret)
{
	for (size_t i = 0; i < MAX_SECRETS; i++) {
		if (!the_log.secrets[i] || !secret || strcmp(the_log.secrets[i], secret) != 0)
			continue;
		explicit_bzero(the_log.secrets[i], strlen(the_log.secrets[i]));
		free(the_log.secrets[i]);
		the_log.secrets[i] = NULL;
	}
}

void log_mask(char *text)
{
	for (size_t i = 0; i < MAX_SECRETS; i++) {
		if (!the_log.secrets[i])
			continue;
		size_t n = strlen(the_log.secrets[i]);
		for (char *at = text; (at = strstr(at, the_log.secrets[i])) != NULL;) {
			memcpy(at, "****", MIN_SECRET);
			memmove(at + MIN_SECRET, at + n, strlen(at + n) + 1);
			at += MIN_SECRET;
		}
	}
}

void log_progress_hook(void (*clear)(void))
{
	the_log.clear_progress = clear;
}

static void add_json_text(struct strbuf *b, const char *s)
{
	strbuf_addc(b, '"');
	for (; *s; s++) {
		unsigned char c = (unsigned char)*s;
		if (c == '"' || c == '\\')
			strbuf_addf(b, "\\%c", c);
		else if (c < 0x20)
			strbuf_addf(b, "\\u%04x", c);
		else
			strbuf_addc(b, (char)c);
	}
	strbuf_addc(b, '"');
}

static void add_json_member(struct strbuf *b, const char *name, const char *value)
{
	if (!value[0])
		return;
	strbuf_addf(b, ",\"%s\":", name);
	add_json_text(b, value);
}

void log_write(enum log_level level, const char *format, ...)
{
	struct clock *clock = the_log.settings.clock ? the_log.settings.clock : clock_machine();
	FILE *out = the_log.settings.out ? the_log.settings.out : stderr;
	char time[TIME_TEXT_SIZE];
	struct strbuf line = {0};
	char *text = NULL;
	va_list args;

	if (!log_enabled(level))
		return;
	va_start(args, format);
	if (vasprintf(&text, format, args) < 0)
		text = mem_strdup(format);
	va_end(args);
	log_mask(text);
	time_text_ms(clock_wall_ms(clock), time);
	if (the_log.settings.json) {
		strbuf_addf(&line, "{\"time\":\"%s\",\"level\":\"%s\"", time, level_names[level]);
		add_json_member(&line, "run", the_log.run_id);
		add_json_member(&line, "job", the_log.job);
		add_json_member(&line, "text", text);
		strbuf_adds(&line, "}\n");
	} else {
		strbuf_addf(&line, "%s %s: %s\n", time, level_names[level], text);
	}
	if (the_log.clear_progress)
		the_log.clear_progress();
	fwrite(line.p, 1, line.n, out);
	fflush(out);
	strbuf_free(&line);
	free(text);
}
