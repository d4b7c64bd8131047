/* What the files of acknowledgements share. */
#ifndef TENANTRY_ACK_IMPL_H
#define TENANTRY_ACK_IMPL_H

#include "tenantry/ack.h"

/* Notes what is wrong with a decision; `field` "": the whole row. */
void ack_problem(struct ack_list *list, struct ack_place at, const char *field, const char *format, ...)
    __attribute__((format(printf, 4, 5)));

#endif
