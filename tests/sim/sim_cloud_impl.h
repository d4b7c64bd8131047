/* What the modelled Acronis and its weather share. */
#ifndef TENANTRY_SIM_CLOUD_IMPL_H
#define TENANTRY_SIM_CLOUD_IMPL_H

#include "sim.h"

/* One request on its way. */
struct arrival {
	struct sim *sim;
	struct fake_call call;
	const struct http_request *request;
	struct fake_reply reply;
	bool change;
	int mail_order; /* of the activation mail it sends, -1 */
	char retry_after[64];
};

/* ---- sim_cloud.c */
void arrival_carry_out(struct arrival *arrival); /* with its answer in the reply */
void arrival_fail(struct arrival *arrival, int status, const char *word);
bool arrival_is_token(const struct arrival *arrival);

/* ---- sim_weather.c */
void weather_arrive(struct arrival *arrival); /* it happens, or something else does */

/* ---- sim_lists.c */
void lists_arrive(struct arrival *arrival); /* spoils the answer to a list, when it is its turn */

#endif
