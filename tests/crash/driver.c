/* Reading the drivers' options; see driver.h. */
#include "driver.h"

#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>

/* Stages work in folders of their own. */
static const char *absolute(const char *path, char out[PATH_MAX])
{
	if (realpath(path, out))
		return out;
	perror(path);
	exit(2);
}

void driver_options(int argc, char **argv, struct driver *out)
{
	static const struct option options[] = {{"tenantry", required_argument, NULL, 't'},
	    {"sandbox", required_argument, NULL, 's'}, {"folder", required_argument, NULL, 'f'},
	    {"every", required_argument, NULL, 'e'}, {"at", required_argument, NULL, 'a'},
	    {"connections", required_argument, NULL, 'c'}, {"workers", required_argument, NULL, 'w'},
	    {"twice", no_argument, NULL, '2'}, {"retry", no_argument, NULL, 'r'},
	    {"fault", required_argument, NULL, 'F'}, {0}};
	int option;

	*out = (struct driver){.settings = {.connections = 1, .timeout = "10s"}, .workers = 2, .every = 1};
	while ((option = getopt_long(argc, argv, "", options, NULL)) >= 0) {
		switch (option) {
		case 't':
			out->settings.tenantry = absolute(optarg, out->tenantry);
			break;
		case 's':
			out->settings.sandbox = absolute(optarg, out->sandbox);
			break;
		case 'f':
			out->settings.folder = absolute(optarg, out->folder);
			break;
		case 'e':
			out->every = strtoul(optarg, NULL, 10);
			break;
		case 'a':
			out->at = strtoul(optarg, NULL, 10);
			break;
		case 'c':
			out->settings.connections = atoi(optarg);
			break;
		case 'w':
			out->workers = atoi(optarg);
			break;
		case 'F':
			out->fault = optarg;
			break;
		case '2':
			out->twice = true;
			break;
		case 'r':
			out->retry = true;
			break;
		default:
			exit(2);
		}
	}
	if (optind < argc || !out->settings.tenantry || !out->settings.sandbox || !out->settings.folder ||
	    out->every == 0 || out->workers < 1 || out->settings.connections < 1) {
		fprintf(stderr,
		    "usage: %s --tenantry FILE --sandbox FILE --folder FOLDER [--every N] [--at N] [--connections N] [--workers N] "
		    "[--twice] [--retry] [--fault SPEC]\n",
		    argv[0]);
		exit(2);
	}
}
