/* What a snapshot holds as the CSV files of design section 5: our names in the header, the rows as the
 * database gave them. A file's time is the snapshot's, for that is what subscriptions are as old as when they
 * are read from it. */
#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>

#include "bss/pg_source.h"
#include "tenantry/atomic_file.h"
#include "tenantry/mem.h"

enum { BLOCK = 256 * 1024 };

static void write_header(const struct csv_reader *reader, enum bss_role role, struct atomic_file *out)
{
	struct csv_writer row = {.delimiter = ','};
	size_t count;
	const struct csv_column *columns = bss_role_columns(role, &count);

	for (size_t i = 0; i < csv_reader_width(reader); i++) {
		int ours = csv_reader_column_at(reader, i);
		csv_writer_text(&row, ours >= 0 ? columns[ours].name : csv_reader_header(reader, i));
	}
	csv_writer_end(&row, out);
	csv_writer_free(&row);
}

/* The bytes from the first row on. */
static int copy_rows(const char *path, uint64_t from, struct atomic_file *out, struct error *err)
{
	char *block = mem_zalloc(BLOCK);
	FILE *file = fopen(path, "re");
	size_t n;
	int rc = -1;

	if (file && fseeko(file, (off_t)from, SEEK_SET) == 0) {
		while ((n = fread(block, 1, BLOCK, file)) > 0)
			atomic_file_write(out, block, n);
		rc = ferror(file) ? -1 : 0;
	}
	if (rc < 0)
		error_set(err, ERR_SOURCE, "the rows that the database gave cannot be read again");
	if (file)
		fclose(file);
	free(block);
	return rc;
}

static int write_rows(const struct job *job, const struct bss_rows *rows, enum bss_role role,
    struct atomic_file *out, struct error *err)
{
	struct csv_settings settings = bss_csv_settings(job);
	size_t count;
	const struct csv_column *columns = bss_role_columns(role, &count);
	struct csv_reader *reader = csv_reader_open(rows->path, columns, count, &settings, err);

	if (!reader)
		return -1;
	write_header(reader, role, out);
	csv_reader_close(reader);
	return copy_rows(rows->path, rows->header_bytes, out, err);
}

int bss_snapshot_export(const struct bss_snapshot *snapshot, const struct job *job, enum bss_role role,
    const char *path, struct error *err)
{
	const struct bss_rows *rows = bss_snapshot_rows(snapshot, role);
	struct atomic_file *out = rows ? atomic_file_new(path, err) : NULL;
	int64_t as_of = bss_snapshot_as_of(snapshot);
	struct timespec times[2] = {
	    {.tv_nsec = UTIME_NOW}, {.tv_sec = as_of / 1000, .tv_nsec = as_of % 1000 * 1000000}};

	if (!out)
		return -1;
	if (write_rows(job, rows, role, out, err) < 0) {
		atomic_file_abort(out);
		return -1;
	}
	if (atomic_file_commit(out, err) < 0)
		return -1;
	return utimensat(AT_FDCWD, path, times, 0) == 0
		   ? 0
		   : error_set(err, ERR_OUTPUT, "the time of %s cannot be set", path);
}
