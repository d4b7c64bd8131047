/* Which files a source is: globs, files that were given twice, or what a database gave (bss_database.h). */
#ifndef TENANTRY_INPUT_FILES_H
#define TENANTRY_INPUT_FILES_H

#include "tenantry/arena.h"
#include "tenantry/bss_database.h"
#include "tenantry/intake.h"

struct source_file {
	const char *path;  /* to open */
	const char *shown; /* as the run names it: relative to the job's root where it lies below it */
	bool skip;         /* the same as an earlier one */
	struct input_file *info;
};
struct source_files {
	struct source_file *items; /* by name, in byte order: what "earlier" means over several files */
	size_t count;
	struct input_file *infos;
	uint64_t bytes;          /* of those that are read */
	struct csv_settings csv; /* how they are read */
};

/* All in the arena. `snapshot` has the roles that are a database; NULL when none is. ERR_SOURCE: a pattern
 * that matches nothing; a file that cannot be read is left to whoever opens it. */
int source_files_find(const struct job *job, enum bss_role role, const struct bss_snapshot *snapshot,
    struct arena *arena, struct source_files *out, struct error *err) MUST_USE;

#endif
