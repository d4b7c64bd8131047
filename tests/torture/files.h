/* Are the files that a run left whole? */
#ifndef TORTURE_FILES_H
#define TORTURE_FILES_H

#include <stdbool.h>

/* Every file below `var`: none is temporary (unless `leftovers`), each in a run folder is complete by the
 * rules of its format. Says what is not, each line beginning with `name`. */
bool files_are_whole(const char *var, bool leftovers, const char *name);

#endif
