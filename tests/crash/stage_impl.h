/* What stage.c and facts.c share. */
#ifndef CRASH_STAGE_IMPL_H
#define CRASH_STAGE_IMPL_H

#include <sys/types.h>

#include "stage.h"
#include "tenantry/str.h"

struct stage {
	struct stage_settings settings;
	char *folder;
	char url[64];
	pid_t sandbox; /* 0 none */
	void *curl;
};

void stage_die(const char *format, ...) __attribute__((format(printf, 1, 2), noreturn));
char *stage_path(const struct stage *stage, const char *name); /* the caller frees */
char *stage_read(const char *path);                            /* "" when it is not there; the caller frees */
json_t *stage_get(struct stage *stage, const char *path);      /* of the sandbox's admin path */

#endif
