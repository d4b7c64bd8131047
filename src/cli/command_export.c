/* `tenantry export`: what the BSS database gives now, as the CSV files that a job could read in its place. */
#include "commands.h"

#include <inttypes.h>
#include <stdlib.h>

#include "program.h"
#include "tenantry/atomic_file.h"
#include "tenantry/bss_database.h"
#include "tenantry/identity.h"
#include "tenantry/mem.h"
#include "tenantry/signals.h"

static int export_role(const struct bss_snapshot *snapshot, const struct job *job, enum bss_role role,
    const char *folder, json_t *files, struct error *err)
{
	const struct bss_rows *rows = bss_snapshot_rows(snapshot, role);
	char *path = mem_printf("%s/%s.csv", folder, bss_role_name(role));
	int rc = rows ? bss_snapshot_export(snapshot, job, role, path, err) : 0;

	if (rows && rc == 0)
		json_array_append_new(files, json_pack("{s:s, s:s, s:I}", "file", path, "source", rows->shown,
						 "rows", (json_int_t)rows->rows));
	free(path);
	return rc;
}

static void show(const struct invocation *invocation, const struct bss_snapshot *snapshot, json_t *files)
{
	char as_of[TIME_TEXT_SIZE];
	json_t *file;
	size_t i;

	time_text(bss_snapshot_as_of(snapshot), as_of);
	if (invocation->values[OPT_JSON].set) {
		command_print_json(json_pack("{s:s, s:s, s:O}", "as_of", as_of, "database",
		    bss_snapshot_where(snapshot), "files", files));
	} else if (!invocation->values[OPT_QUIET].set) {
		printf("%s as of %s\n", bss_snapshot_where(snapshot), as_of);
		json_array_foreach(files, i, file) printf("%s: %" JSON_INTEGER_FORMAT " rows of %s\n",
		    json_string_value(json_object_get(file, "file")),
		    json_integer_value(json_object_get(file, "rows")),
		    json_string_value(json_object_get(file, "source")));
	}
}

static int export_all(
    const struct invocation *invocation, const struct job *job, struct clock *clock, struct error *err)
{
	const char *folder = invocation->values[OPT_OUTPUT].text;
	struct identity identity;
	struct bss_snapshot_settings settings = {
	    .job = job, .roles = BSS_ALL_ROLES, .clock = clock, .stop = signals_stop()};
	struct bss_snapshot *snapshot;
	json_t *files = json_array();
	int rc = -1;

	identity_of_run(&identity, clock);
	settings.run_id = identity.run_id;
	snapshot = bss_snapshot_take(&settings, err);
	if (snapshot && folder_make(folder, err) == 0)
		rc = 0;
	for (int role = 0; rc == 0 && role < BSS_ROLE_COUNT; role++)
		rc = export_role(snapshot, job, (enum bss_role)role, folder, files, err);
	if (rc == 0)
		show(invocation, snapshot, files);
	json_decref(files);
	bss_snapshot_free(snapshot);
	return rc;
}

int command_export(const struct invocation *invocation, struct error *err)
{
	struct job *job = command_job(invocation, invocation->args[0], err);
	int status = -1;

	if (!job)
		return -1;
	signals_setup();
	if (!invocation->values[OPT_OUTPUT].set) {
		error_set(err, ERR_USAGE, "where to? the folder for the files is not given");
		error_hint(err, "tenantry export %s -o DIR", invocation->args[0]);
	} else if (!bss_reads_database(job, BSS_ALL_ROLES)) {
		error_set(err, ERR_USAGE, "%s reads nothing from a database: there is nothing to export",
		    job->path);
		error_hint(err, "the files that it names are the export");
	} else {
		status = export_all(invocation, job, clock_machine(), err);
	}
	job_free(job);
	return status;
}
