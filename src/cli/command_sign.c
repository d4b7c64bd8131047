/* `tenantry sign`: two people put their names under a run, or take them back. */
#include "commands.h"

#include "program.h"
#include "tenantry/log.h"
#include "tenantry/sign.h"

static int wrong_words(struct error *err, const char *what)
{
	error_set(err, ERR_USAGE, "%s", what);
	return error_hint(
	    err, "tenantry sign RUN --preparer NAME | --reviewer NAME [--withdraw --reason TEXT]");
}

static int read_signing(const struct invocation *invocation, struct signing *out, struct error *err)
{
	const struct option_value *values = invocation->values;
	bool withdraw = values[OPT_WITHDRAW].set;

	if (values[OPT_PREPARER].set == values[OPT_REVIEWER].set)
		return wrong_words(err, values[OPT_PREPARER].set
					    ? "one signature at a time: the reviewer is another person"
					    : "who signs?");
	*out = (struct signing){.run_id = invocation->args[0],
	    .role = values[OPT_REVIEWER].set ? SIGN_REVIEWER : SIGN_PREPARER,
	    .name = values[values[OPT_REVIEWER].set ? OPT_REVIEWER : OPT_PREPARER].text,
	    .withdraw = withdraw,
	    .reason = values[OPT_REASON].set ? values[OPT_REASON].text : ""};
	if (!withdraw && values[OPT_REASON].set)
		return wrong_words(err, "--reason is for --withdraw");
	if (withdraw && strv_trim(strv_of(out->reason)).n == 0)
		return wrong_words(err, "--withdraw needs --reason: whoever asks later wants to know");
	return 0;
}

static void show_json(const struct signing *signing, const struct signed_run *run)
{
	json_t *reasons = json_array();

	for (size_t i = 0; i < run->reason_count; i++)
		json_array_append_new(reasons, json_string(run->reasons[i]));
	command_print_json(json_pack("{s:s, s:s, s:s, s:b, s:b, s:s, s:I, s:I, s:o}", "run", run->run_id,
	    "role", sign_role_name(signing->role), "name", run->name, "signed",
	    !signing->withdraw && run->reason_count == 0, "withdrawn", signing->withdraw, "manifest_sha256",
	    run->manifest, "files", (json_int_t)run->files, "open_findings", (json_int_t)run->open, "reasons",
	    reasons));
}

static void show_refused(const struct signed_run *run)
{
	printf("run %s cannot be signed:\n", run->run_id);
	for (size_t i = 0; i < run->reason_count; i++)
		printf("  - %s\n", run->reasons[i]);
	printf("nothing was signed\n");
}

static void show_signed(const struct signing *signing, const struct signed_run *run)
{
	const char *role = sign_role_name(signing->role);

	if (signing->withdraw) {
		printf("the signature of %s as %s of run %s is withdrawn%s\n", run->name, role, run->run_id,
		    signing->role == SIGN_PREPARER ? ", and with it the reviewer's; its folder is free again"
						   : "");
		return;
	}
	printf("run %s %s signed by %s as %s\n", run->run_id, run->already ? "was" : "is", run->name, role);
	if (!run->already && run->open > 0)
		printf("%zu finding%s below high stay%s open; the manifest lists %s\n", run->open,
		    run->open == 1 ? "" : "s", run->open == 1 ? "s" : "", run->open == 1 ? "it" : "them");
	printf("manifest %s/%s\nSHA-256  %s\n", run->folder, MANIFEST_NAME, run->manifest);
	if (!run->already)
		printf("%s\n",
		    signing->role == SIGN_PREPARER
			? "its folder is frozen; now another person looks at the report and signs as --reviewer"
			: "tenantry verify proves from now on that nothing moved");
}

int command_sign(const struct invocation *invocation, struct error *err)
{
	struct arena *arena = arena_new();
	struct signing signing = {0};
	struct signed_run run = {0};
	struct clock shifted, *clock;
	struct job *job = NULL;
	int rc = -1;

	if (read_signing(invocation, &signing, err) == 0 &&
	    (job = command_job(invocation, NULL, err)) != NULL &&
	    (clock = command_clock(invocation, job, true, &shifted, err)) != NULL)
		rc = sign_run(job, &signing, clock, arena, &run, err);
	if (rc == 0) {
		if (run.same_login)
			log_warn(
			    "both signatures of run %s came from one login of this machine; the manifest says so",
			    run.run_id);
		if (invocation->values[OPT_JSON].set)
			show_json(&signing, &run);
		else if (run.reason_count > 0)
			show_refused(&run);
		else if (!invocation->values[OPT_QUIET].set)
			show_signed(&signing, &run);
		rc = run.reason_count > 0 ? 1 : 0;
	}
	job_free(job);
	arena_free(arena);
	return rc;
}
