/* Options that the drivers share: where the programs are, how much to try. */
#ifndef CRASH_DRIVER_H
#define CRASH_DRIVER_H

#include <limits.h>

#include "stage.h"

struct driver {
	char tenantry[PATH_MAX], sandbox[PATH_MAX], folder[PATH_MAX];
	struct stage_settings settings;
	int workers;
	unsigned long every; /* each Nth case; 1 all */
	unsigned long at;    /* only this one; 0 all */
	bool twice;          /* the repair is killed as well */
	const char *fault;   /* of the sandbox's lists, until the night is repaired; NULL none */
	bool retry;          /* the repair is a retry, and a run after it */
};
/* --tenantry FILE --sandbox FILE --folder FOLDER [--every N] [--at N] [--connections N] [--workers N]
 * [--twice] [--retry] [--fault SPEC]; says what is wrong and ends the process when it is. */
void driver_options(int argc, char **argv, struct driver *out);

#endif
