/* The files behind `csv: PATH`, a path or a pattern, in the order in which they are read. A file given twice
 * (a link, a copy) is read once: two copies of a day's export must not look like two orders each. */
#include "bss/input_files.h"

#include <fcntl.h>
#include <glob.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "tenantry/mem.h"

static int by_name(const void *a, const void *b)
{
	return strcmp(((const struct source_file *)a)->path, ((const struct source_file *)b)->path);
}

static const char *shown_name(const struct job *job, const char *path)
{
	size_t n = job->root ? strlen(job->root) : 0;

	return n > 0 && strncmp(path, job->root, n) == 0 && path[n] == '/' ? path + n + 1 : path;
}

static int no_match(const struct source_spec *spec, const char *role, struct error *err)
{
	error_set(err, ERR_SOURCE, "no file matches bss.%s", role);
	error_place(err, spec->csv, 0, 0, NULL);
	return error_hint(err, "check the pattern in the job file and that the export ran");
}

/* The paths, sorted. A name that exists is taken as it is, even with glob characters in it. */
static int list_paths(const struct source_spec *spec, const char *role, struct arena *arena,
    struct source_files *out, struct error *err)
{
	struct stat st;
	glob_t found = {0};

	if (stat(spec->csv, &st) == 0 || !strpbrk(spec->csv, "*?[")) {
		out->items = arena_alloc(arena, sizeof *out->items);
		out->items[0].path = spec->csv;
		out->count = 1;
		return 0;
	}
	int rc = glob(spec->csv, GLOB_NOSORT, NULL, &found);
	if (rc == 0) {
		out->count = found.gl_pathc;
		out->items = arena_alloc(arena, out->count * sizeof *out->items);
		for (size_t i = 0; i < out->count; i++)
			out->items[i].path = arena_strdup(arena, found.gl_pathv[i]);
		qsort(out->items, out->count, sizeof *out->items, by_name);
	}
	globfree(&found);
	return rc == 0 ? 0 : no_match(spec, role, err);
}

static bool digest_file(const char *path, struct digest *out)
{
	char *block = mem_zalloc(64 * 1024);
	struct digest_stream *stream = digest_stream_new();
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
	ssize_t n = -1;

	while (fd >= 0 && (n = read(fd, block, 64 * 1024)) > 0)
		digest_stream_add(stream, (struct strv){block, (size_t)n});
	*out = digest_stream_end(stream);
	if (fd >= 0)
		close(fd);
	free(block);
	return n == 0;
}

static bool same_content(const char *a, const char *b)
{
	struct digest x, y;

	return digest_file(a, &x) && digest_file(b, &y) && x.high == y.high && x.low == y.low;
}

/* Is file n the same as an earlier one? Only files of the same size are looked into. */
static void note_repeat(struct source_files *files, const struct stat *stats, size_t n, struct arena *arena)
{
	struct source_file *file = &files->items[n];

	for (size_t i = 0; i < n && S_ISREG(stats[n].st_mode); i++) {
		const struct source_file *other = &files->items[i];
		if (other->skip || stats[i].st_size != stats[n].st_size || !S_ISREG(stats[i].st_mode))
			continue;
		bool same = stats[i].st_dev == stats[n].st_dev && stats[i].st_ino == stats[n].st_ino;
		if (!same && !same_content(other->path, file->path))
			continue;
		file->skip = true;
		file->info->note = arena_printf(
		    arena, "same %s as %s: not read again", same ? "file" : "content", other->shown);
		return;
	}
}

/* What the database gave is one file more; only its places count rows. */
static int take_rows(const struct job *job, const struct bss_rows *rows, const char *role,
    struct arena *arena, struct source_files *out, struct error *err)
{
	if (!rows)
		return error_set(
		    err, ERR_INTERNAL, "bss.%s is a database, and no snapshot of it was taken", role);
	out->items = arena_alloc(arena, sizeof *out->items);
	out->infos = arena_alloc(arena, sizeof *out->infos);
	out->count = 1;
	out->bytes = rows->bytes;
	out->csv = bss_csv_settings(job);
	out->infos[0] = (struct input_file){
	    .role = role, .path = arena_strdup(arena, rows->shown), .note = "", .bytes = rows->bytes};
	out->items[0] = (struct source_file){
	    .path = arena_strdup(arena, rows->path), .shown = out->infos[0].path, .info = &out->infos[0]};
	return 0;
}

int source_files_find(const struct job *job, enum bss_role which, const struct bss_snapshot *snapshot,
    struct arena *arena, struct source_files *out, struct error *err)
{
	const struct source_spec *spec = bss_role_spec(job, which);
	const char *role = bss_role_name(which);

	*out = (struct source_files){.csv = csv_settings_of(job)};
	if (spec->kind == SOURCE_DATABASE)
		return take_rows(job, bss_snapshot_rows(snapshot, which), role, arena, out, err);
	if (spec->kind != SOURCE_CSV) {
		error_set(err, ERR_JOB, "bss.%s is not given", role);
		error_place(err, job->path, spec->line, 0, NULL);
		return error_hint(err, "write bss.%s: {csv: FILE}", role);
	}
	if (list_paths(spec, role, arena, out, err) < 0)
		return -1;
	struct stat *stats = mem_zalloc(out->count * sizeof *stats);
	out->infos = arena_alloc(arena, out->count * sizeof *out->infos);
	for (size_t i = 0; i < out->count; i++) {
		struct source_file *file = &out->items[i];
		file->shown = shown_name(job, file->path);
		file->info = &out->infos[i];
		*file->info = (struct input_file){.role = role, .path = file->shown, .note = ""};
		if (stat(file->path, &stats[i]) < 0)
			stats[i] = (struct stat){0};
		note_repeat(out, stats, i, arena);
		file->info->bytes = (uint64_t)stats[i].st_size;
		if (!file->skip)
			out->bytes += file->info->bytes;
	}
	free(stats);
	return 0;
}
