/* The command line of tenantry-sandbox as a table, for the program itself, its man page and completion. */
#ifndef SANDBOX_PROGRAM_H
#define SANDBOX_PROGRAM_H

#include "tenantry/options.h"

extern const struct program sandbox_program;

#endif
