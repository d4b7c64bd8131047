/* May this night's sides be believed? An empty, cut, stale or shrunken side would turn into hundreds of wrong
 * findings (or, worse, resolve right ones), so the comparison is refused with the reason. Pure. */
#include "tenantry/reconcile.h"

#include <inttypes.h>

#include "tenantry/completeness.h"

static int guard_rows(
    const struct job *job, const char *what, const char *where, int64_t last, int64_t now, struct error *err)
{
	if (listing_emptied(job->reconcile.allow_empty, last, now)) {
		error_set(err, ERR_COVERAGE, "there are no %s, but the last run saw %" PRId64, what, last);
		return error_hint(
		    err, "look why %s is empty; when it is right, set reconcile.allow_empty: true", where);
	}
	if (now > 0 && listing_shrank(&job->reconcile.max_shrink, last, now)) {
		error_set(err, ERR_COVERAGE,
		    "the %s shrank from %" PRId64 " to %" PRId64 ", more than reconcile.max_shrink (%" PRId64
		    "%s) allows",
		    what, last, now, job->reconcile.max_shrink.number,
		    job->reconcile.max_shrink.percent ? "%" : "");
		return error_hint(err,
		    "look whether %s is cut; when it is right, raise reconcile.max_shrink for one run",
		    where);
	}
	return 0;
}

int reconcile_guard_subscriptions(const struct job *job, const struct subscriptions *subscriptions,
    const struct side_memory *memory, int64_t now, struct error *err)
{
	int64_t age = now - subscriptions->as_of, limit = job->reconcile.max_age_ms;
	char as_of[TIME_TEXT_SIZE];

	if (guard_rows(job, "subscriptions", "the subscriptions export", memory->last_subscriptions,
		(int64_t)subscriptions->count, err) < 0)
		return -1;
	if (limit <= 0 || subscriptions->as_of == 0 || age <= limit)
		return 0;
	error_set(err, ERR_COVERAGE,
	    "the subscriptions are of %s, %" PRId64 " hours old, more than reconcile.max_age (%" PRId64
	    " hours) allows",
	    time_text(subscriptions->as_of, as_of), age / 3600000, limit / 3600000);
	return error_hint(err, "export the subscriptions from the BSS again, then run the same command");
}

int reconcile_guard_observation(const struct job *job, const struct observation *observation,
    const struct side_memory *memory, struct error *err)
{
	const char *source = observation->source[0] ? observation->source : "Acronis";

	bool too_few = observation->fault == LISTING_SHRUNKEN || observation->fault == LISTING_EMPTIED;

	if (too_few &&
	    guard_rows(job, "tenants", source, memory->last_listed, (int64_t)observation->listed, err) < 0)
		return -1;
	if (!observation->complete && observation->fault != LISTING_LACKING) {
		error_set(err, ERR_COVERAGE, "the list of tenants did not come to its end: %s",
		    observation->trouble[0] ? observation->trouble : "no reason is known");
		return error_hint(err, "run the same command again when %s answers", source);
	}
	return guard_rows(
	    job, "tenants", source, memory->last_tenants, (int64_t)observation_rows(observation), err);
}

int reconcile_guard_list(const struct observation *observation, struct error *err)
{
	if (observation->complete)
		return 0;
	error_set(err, ERR_COVERAGE, "the list of tenants is not whole: %s",
	    observation->trouble[0] ? observation->trouble : "no reason is known");
	return error_hint(err,
	    "the not-compared findings name what it lacks; run the same command again when the list has it");
}

int reconcile_guard_coverage(const struct job *job, const struct coverage *coverage, struct error *err)
{
	if (coverage->made_lacking > 0) {
		error_set(err, ERR_COVERAGE,
		    "the list of tenants lacks %" PRIu64 " that we made, and nothing proves that %s gone",
		    coverage->made_lacking, coverage->made_lacking == 1 ? "it is" : "they are");
		return error_hint(err,
		    "the not-compared findings name them; run the same command again when the list has them");
	}
	if (coverage->permille >= job->reconcile.min_coverage_permille)
		return 0;
	error_set(err, ERR_COVERAGE,
	    "only %" PRId64 ".%" PRId64 "%% could be compared (%" PRIu64 " of %" PRIu64
	    " subscriptions, %" PRIu64 " of %" PRIu64 " tenants), less than reconcile.min_coverage (%" PRId64
	    ".%" PRId64 "%%)",
	    coverage->permille / 10, coverage->permille % 10, coverage->subscriptions_examined,
	    coverage->subscriptions, coverage->tenants_examined, coverage->tenants,
	    job->reconcile.min_coverage_permille / 10, job->reconcile.min_coverage_permille % 10);
	return error_hint(err,
	    "the not-compared findings say what was missing; put it right and run the same command again");
}
