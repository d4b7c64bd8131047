/* What the parts of the shim share. */
#ifndef TORTURE_SHIM_IMPL_H
#define TORTURE_SHIM_IMPL_H

#include <stdbool.h>

#include "kinds.h"

/* Counts a call; is it one that has to fail? `call`: its name, for the report. Safe in a signal handler. */
bool torture_strikes(enum torture_kind kind, const char *call);
/* How often it has struck, to vary the failure. */
unsigned long torture_number(void);
/* System calls of this kind (TORTURE_KIND_COUNT: of all kinds) go through the shim from now on. */
void torture_trap_calls(enum torture_kind kind);
/* The next definition of a function after the shim's own. Ends the process when there is none. */
void *torture_real(const char *name);

#endif
