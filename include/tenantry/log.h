/* The log: one line an event to stderr, as text or as JSON lines, with secrets masked.
 *
 * Process-wide on purpose: a log line must be possible from anywhere without a parameter through every call.
 * Nothing else in the program is. Results never go here: they go to stdout.
 */
#ifndef TENANTRY_LOG_H
#define TENANTRY_LOG_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

enum log_level { LOG_DEBUG, LOG_INFO, LOG_WARN, LOG_ERROR };

struct clock;
struct log_settings {
	enum log_level level; /* lines below it are dropped */
	bool json;
	FILE *out;           /* NULL: stderr */
	struct clock *clock; /* NULL: the machine's */
};
void log_setup(const struct log_settings *settings);
/* Adds to every later line; NULL takes the member away. Copied. */
void log_context(const char *run_id, const char *job);

#define log_debug(...) log_write(LOG_DEBUG, __VA_ARGS__)
#define log_info(...) log_write(LOG_INFO, __VA_ARGS__)
#define log_warn(...) log_write(LOG_WARN, __VA_ARGS__)
#define log_error(...) log_write(LOG_ERROR, __VA_ARGS__)
void log_write(enum log_level level, const char *format, ...) __attribute__((format(printf, 2, 3)));
bool log_enabled(enum log_level level);

/* From now on this text is shown as "****" in every line (and in log_mask). Shorter than 4 characters:
 * ignored. Secrets call this where they enter the program: job file secrets, access tokens. Copied; at most
 * 64 are kept. */
void log_secret(const char *secret);
void log_secret_forget(const char *secret);
/* Replaces each registered secret in `text` in place. For errors and reports that quote foreign text. */
void log_mask(char *text);
/* A progress line is about to be (or was) drawn on the terminal: lines clear it first. NULL: none. */
void log_progress_hook(void (*clear)(void));

#endif
