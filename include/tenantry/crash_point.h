/* Places where the program can be made to die as if its plug was pulled, so that tests can try every one of
 * them. In normal builds they are nothing at all; `make FLAVOUR=crash` has them.
 *
 * The points that a process passes are counted from 1. TENANTRY_CRASH_AT=k: SIGKILL to itself at the kth, so
 * nothing is flushed, released or written on the way out. TENANTRY_CRASH_LOG=FILE: a line "k WHAT OF" for
 * each point passed is appended there. */
#ifndef TENANTRY_CRASH_POINT_H
#define TENANTRY_CRASH_POINT_H

#ifdef TENANTRY_CRASH_POINTS
/* `what` happens next, or has just happened ("commit", "committed"); `of`: the call, step or file it is
 * about, "" none. */
#define CRASH_POINT(what, of) crash_point((what), (of))
void crash_point(const char *what, const char *of);
#else
#define CRASH_POINT(what, of) ((void)0)
#endif

#endif
