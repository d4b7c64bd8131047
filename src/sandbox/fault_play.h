/* What a fault does to an exchange. */
#ifndef SANDBOX_FAULT_PLAY_H
#define SANDBOX_FAULT_PLAY_H

#include "sandbox/exchange.h"
#include "sandbox/fault.h"

/* Adds the fault to those that the log names. */
void fault_note(struct exchange *x, const struct fault *fault);
/* Faults that come in place of the operation. True: the reply is made, nothing else must run. */
bool fault_before(struct exchange *x, const struct fault *fault);
/* Faults that spoil the answer of an operation that ran. */
void fault_after(struct exchange *x, const struct fault *fault);

#endif
