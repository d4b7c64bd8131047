/* What a fault does to a list: what it shows, and the page that is the reply. */
#ifndef SANDBOX_FAULT_LIST_H
#define SANDBOX_FAULT_LIST_H

#include "sandbox/exchange.h"
#include "sandbox/fault.h"

/* Says in the question which page the request asks for and with which filters its listing began. The
 * operation must be known. */
void fault_list_ask(struct exchange *x, struct fault_question *question);
/* Makes the list lag when a fault says so. Before the operation runs. */
void fault_list_view(struct exchange *x, struct fault_question *question);
/* Spoils the reply when it is a list and a fault says so. After the operation ran. */
void fault_list_page(struct exchange *x, struct fault_question *question);

#endif
