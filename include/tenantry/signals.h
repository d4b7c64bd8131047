/* SIGINT, SIGTERM and SIGHUP ask a run to stop: what is in flight is finished, everything is saved. A second
 * one ends it at once. */
#ifndef TENANTRY_SIGNALS_H
#define TENANTRY_SIGNALS_H

void signals_setup(void);
/* 0, or the number of the signal that came (SIGHUP counts as SIGTERM). Borrowed, static. */
const volatile int *signals_stop(void);

#endif
