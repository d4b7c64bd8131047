/* An answer as an error for people, and the call that waits for its answer. */
#include "tenantry/acronis.h"

#include <stdlib.h>

#include "tenantry/mem.h"

enum { TURN_MS = 1000 };

static const char *const hints[API_RESULT_COUNT] = {
    [API_NOT_FOUND] = "it may have been deleted, or acronis.url is another data centre than the client's",
    [API_TAKEN] = "the name or login exists already; look it up before trying again",
    [API_STALE] = "somebody else changed it at the same time; run again",
    [API_STALE_QUOTA] = "somebody else changed the quota at the same time; run again",
    [API_FORBIDDEN] =
	"give the API client the rights for this in the Acronis portal, and check that the tenant is below acronis.parent",
    [API_UNKNOWN] = "perhaps it was carried out: look before it is sent again",
    [API_UNAVAILABLE] = "check acronis.url and the network, or try again later",
    [API_UNREADABLE] =
	"something else than the Acronis API answered: check acronis.url, and proxies on the way",
    [API_UNAUTHORIZED] =
	"check acronis.client_id and acronis.client_secret in the job file: wrong, expired, or made for another data centre than acronis.url; a client inside a disabled tenant stops working too",
    [API_CANCELLED] = "run again to go on",
};

int acronis_answer_error(const struct acronis_answer *answer, struct error *err)
{
	error_set(err, ERR_ACRONIS, "%s", answer->text);
	if (answer->bad_certificate)
		return error_hint(err,
		    "the server's certificate is not accepted: it is expired, for another host, or from an authority that is not known; a private one is named by acronis.ca_file");
	if (hints[answer->result])
		error_hint(err, "%s", hints[answer->result]);
	return -1;
}

/* On the heap: when waiting fails the call is still under way and its answer must have somewhere to go. */
struct waiter {
	struct acronis_answer answer;
	bool answered, abandoned;
};

static void on_answer(void *user, const struct acronis_answer *answer)
{
	struct waiter *waiter = user;

	if (waiter->abandoned) {
		free(waiter);
		return;
	}
	waiter->answer = *answer;
	if (answer->body)
		json_incref((json_t *)answer->body);
	waiter->answered = true;
}

int acronis_call_wait(struct acronis_client *client, const struct acronis_request *request,
    struct acronis_answer *out, struct error *err)
{
	struct waiter *waiter = mem_zalloc(sizeof *waiter);
	struct acronis_request sent = *request;

	sent.done = on_answer;
	sent.user = waiter;
	acronis_send(client, &sent);
	while (!waiter->answered)
		if (acronis_turn(client, TURN_MS, err) < 0)
			break;
	if (!waiter->answered) {
		waiter->abandoned = true;
		return -1;
	}
	*out = waiter->answer;
	free(waiter);
	return 0;
}
