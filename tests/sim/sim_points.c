/* The points between which a night can die, and the machine's randomness: the program is linked with --wrap,
 * so that each durable act of the real code passes here. */
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/types.h>
#include <unistd.h>

#include "sim.h"
#include "tenantry/atomic_file.h"
#include "tenantry/ledger.h"

static struct sim *the_sim; /* a wrapped function has no parameter for it */

void sim_points_setup(struct sim *sim)
{
	the_sim = sim;
}

/* SplitMix64 (Steele, Lea, Flood 2014). */
static uint64_t next(struct sim_random *random)
{
	uint64_t z = random->state += UINT64_C(0x9e3779b97f4a7c15);

	z = (z ^ (z >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
	z = (z ^ (z >> 27)) * UINT64_C(0x94d049bb133111eb);
	return z ^ (z >> 31);
}

uint64_t sim_below(struct sim_random *random, uint64_t n)
{
	return n ? next(random) % n : 0;
}

bool sim_chance(struct sim_random *random, unsigned permille)
{
	return next(random) % 1000 < permille;
}

void sim_fail(struct sim *sim, const char *format, ...)
{
	va_list args;

	if (sim->failure[0])
		return;
	va_start(args, format);
	vsnprintf(sim->failure, sizeof sim->failure, format, args);
	va_end(args);
}

/* Between the durable intent of a mail and its durable outcome nobody can know whether it went out. */
static void excuse_open_mails(struct sim *sim)
{
	for (size_t i = 0; i < SIM_ORDERS; i++) {
		if ((sim->mail[i] == MAIL_INTENDED || sim->mail[i] == MAIL_ANSWERED) &&
		    sim->account_of[i] >= 0)
			sim->excuses[sim->account_of[i]] |= EXCUSE_MAIL;
		sim->mail[i] = MAIL_CLOSED;
	}
}

void sim_event(struct sim *sim)
{
	sim->events++;
	if (!sim->mortal || sim->events != sim->kill_at)
		return;
	excuse_open_mails(sim);
	_exit(SIM_KILLED);
}

/* ---- The ledger. */

int __real_ledger_commit(struct ledger *ledger, struct error *err);
int __wrap_ledger_commit(struct ledger *ledger, struct error *err);
int __wrap_ledger_commit(struct ledger *ledger, struct error *err)
{
	sim_event(the_sim);
	int rc = __real_ledger_commit(ledger, err);
	for (size_t i = 0; rc == 0 && i < SIM_ORDERS; i++) {
		if (the_sim->mail[i] == MAIL_JOURNALLED)
			the_sim->mail[i] = MAIL_INTENDED;
		else if (the_sim->mail[i] == MAIL_ANSWERED)
			the_sim->mail[i] = MAIL_CLOSED;
	}
	sim_event(the_sim);
	return rc;
}

int64_t __real_ledger_intent(struct ledger *ledger, const struct step_record *step, struct error *err);
int64_t __wrap_ledger_intent(struct ledger *ledger, const struct step_record *step, struct error *err);
int64_t __wrap_ledger_intent(struct ledger *ledger, const struct step_record *step, struct error *err)
{
	int64_t id = __real_ledger_intent(ledger, step, err);
	int order = sim_order_number(step->item_key);

	if (id >= 0 && order >= 0 && strcmp(step->call, "SendActivationEmail") == 0)
		the_sim->mail[order] = MAIL_JOURNALLED;
	return id;
}

#define POINT_AROUND(name, parameters, arguments)                                                            \
	int __real_##name parameters;                                                                        \
	int __wrap_##name parameters;                                                                        \
	int __wrap_##name parameters                                                                         \
	{                                                                                                    \
		sim_event(the_sim);                                                                          \
		int rc = __real_##name arguments;                                                            \
		sim_event(the_sim);                                                                          \
		return rc;                                                                                   \
	}
POINT_AROUND(ledger_run_begin, (struct ledger * ledger, const struct run_record *run, struct error *err),
    (ledger, run, err))
POINT_AROUND(ledger_run_end,
    (struct ledger * ledger, const char *run_id, int exit_status, uint64_t changes, const char *document,
	struct error *err),
    (ledger, run_id, exit_status, changes, document, err))
POINT_AROUND(ledger_lock_release,
    (struct ledger * ledger, const char *job, const char *run_id, struct error *err),
    (ledger, job, run_id, err))
POINT_AROUND(atomic_file_commit, (struct atomic_file * file, struct error *err), (file, err))

/* ---- Run ids and jitter come from the seed. */

ssize_t __wrap_getrandom(void *buffer, size_t size, unsigned flags);
ssize_t __wrap_getrandom(void *buffer, size_t size, unsigned flags)
{
	unsigned char *out = buffer;

	(void)flags;
	for (size_t i = 0; i < size; i++)
		out[i] = (unsigned char)next(&the_sim->machine);
	return (ssize_t)size;
}
