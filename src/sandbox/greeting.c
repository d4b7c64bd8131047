/* The greeting; see greeting.h. */
#include "sandbox/greeting.h"

#include <stdio.h>
#include <string.h>

#include "sandbox/records.h"
#include "sandbox/store.h"
#include "sandbox/world.h"

void greeting_print(struct sandbox *box, uint16_t port)
{
	const struct sandbox_settings *s = box->settings;
	bool six = strchr(s->listen, ':') != NULL;
	struct arena *arena = arena_new();
	struct api_client client;

	if (client_first(box->store, arena, &client)) {
		bool well_known = strcmp(client.secret, WELL_KNOWN_SECRET) == 0;
		fprintf(stderr,
		    "tenantry-sandbox: a pretended Acronis cloud is ready (stop it with Ctrl-C)\n"
		    "  url            %s://%s%s%s:%u\n"
		    "  client id      %s\n"
		    "  client secret  %s\n"
		    "  tenant         %s\n",
		    s->tls ? "https" : "http", six ? "[" : "", s->listen, six ? "]" : "", port, client.id,
		    well_known ? client.secret : "(the one you gave)", client.tenant_id);
		if (s->ca_out)
			fprintf(stderr, "  CA file        %s\n", s->ca_out);
		fprintf(stderr,
		    "In a job file:\n"
		    "  acronis:\n"
		    "    url: %s://%s%s%s:%u\n"
		    "    client_id: {env: ACRONIS_CLIENT_ID}\n"
		    "    client_secret: {env: ACRONIS_CLIENT_SECRET}\n"
		    "    parent: auto\n",
		    s->tls ? "https" : "http", six ? "[" : "", s->listen, six ? "]" : "", port);
		if (s->ca_out)
			fprintf(stderr, "    ca_file: %s\n", s->ca_out);
	}
	arena_free(arena);
}
