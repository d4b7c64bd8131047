/* The request log; see request_log.h. */
#include "sandbox/request_log.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "sandbox/operations.h"
#include "tenantry/mem.h"

struct request_log {
	int fd;
	int64_t seq;
};

struct request_log *request_log_open(const char *path, struct error *err)
{
	struct request_log *log = mem_zalloc(sizeof *log);

	log->fd = open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
	if (log->fd >= 0)
		return log;
	error_set(err, ERR_OUTPUT, "cannot write the request log: %s", strerror(errno));
	error_place(err, path, 0, 0, NULL);
	free(log);
	return NULL;
}

void request_log_close(struct request_log *log)
{
	if (!log)
		return;
	close(log->fd);
	free(log);
}

/* Foreign bytes in a target must not make the line unreadable: what is not UTF-8 is shown as "?". */
static json_t *safe_text(struct arena *arena, const char *text)
{
	char *copy = arena_strdup(arena, text);
	ptrdiff_t bad;

	while ((bad = strv_bad_utf8(strv_of(copy))) >= 0)
		copy[bad] = '?';
	return json_string(copy);
}

static void write_line(int fd, const char *text, size_t n)
{
	while (n > 0) {
		ssize_t k = write(fd, text, n);
		if (k < 0 && errno == EINTR)
			continue;
		if (k <= 0)
			return;
		text += k;
		n -= (size_t)k;
	}
}

void request_log_write(struct request_log *log, const struct exchange *x)
{
	char time[TIME_TEXT_SIZE];

	if (!log)
		return;
	const char *mark = strchr(x->target, '?');
	size_t path = mark ? (size_t)(mark - x->target) : strlen(x->target);
	json_t *line = json_pack("{s:s, s:I, s:I, s:s, s:o, s:o, s:i}", "time",
	    time_text_ms(clock_wall_ms(x->box->clock), time), "seq", (json_int_t)++log->seq, "connection",
	    (json_int_t)x->connection, "method", x->method, "path",
	    safe_text(x->arena, arena_strndup(x->arena, x->target, path)), "query",
	    safe_text(x->arena, mark ? mark + 1 : ""), "status", x->status);
	json_object_set_new(line, "operation", x->operation ? json_string(x->operation->id) : json_null());
	json_object_set_new(line, "fault", x->fault ? json_string(x->fault) : json_null());
	json_t *notes = json_array();
	for (size_t i = 0; i < x->note_count; i++)
		json_array_append_new(notes, json_string(x->notes[i]));
	json_object_set_new(line, "notes", notes);
	char *text = json_dumps(line, JSON_COMPACT);
	char *whole = mem_printf("%s\n", text ? text : "{}");
	write_line(log->fd, whole, strlen(whole));
	free(whole);
	free(text);
	json_decref(line);
}
