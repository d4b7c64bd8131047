/* The catalog; see catalog.h. Names and editions follow the style of the real ones; ids are the sandbox's
 * own, but for the backup service, whose id official example clients have built in. */
#include "sandbox/catalog.h"

#include <string.h>

#include "tenantry/mem.h"

enum { PLATFORM, BACKUP, FILES, STORAGE, NOTARY, SHIPPING, HCI, MONITORING };

const struct application applications[] = {
    [PLATFORM] = {"3b1f6c9a-52d7-3e08-9c4b-a1d07e6f2b58", "Platform", "platform", "/api/2"},
    [BACKUP] = {"6e6d758d-8e74-3ae3-ac84-50eb0dff12eb", "Cyber Protection", "backup", "/bc/api"},
    [FILES] = {"c81e2f40-7a9d-3b65-8f13-4d20b9a7e6c1", "File Sync & Share", "files_cloud", "/fc"},
    [STORAGE] = {"94d0a7b3-1c6e-3f82-b5a9-0e7c3d6f8a24", "Cyber Infrastructure Storage", "storage",
	"/storage"},
    [NOTARY] = {"d27b5e18-90f4-3c7a-a6d1-5b8e4f0c9372", "Notary", "notary", "/notary"},
    [SHIPPING] = {"5fa83c0d-6b21-39e7-84cf-2a9d7e1b4c60", "Physical Data Shipping", "physical_data_shipping",
	"/pds"},
    [HCI] = {"a0c4e7d9-3f58-3162-9be7-6d1f8a5c2b03", "Cyber Infrastructure SPLA", "hci", "/hci"},
    [MONITORING] = {"17e9b2f6-8d43-3a0c-bf75-c3e6a0d4918b", "Monitoring", "monitoring", "/monitoring"},
};

#define PER_GB "pck_per_gigabyte"
#define PER_WORKLOAD "pck_per_workload"
#define ALL_KINDS "partner,folder,customer"
#define INFRA "e4b7d1c2-5a90-4f36-8c1e-7d20f9b3a645"

const struct catalog_item catalog[] = {
    {BACKUP, "vms", "standard", "vms", "count", "quantity", NULL, ALL_KINDS},
    {BACKUP, "workstations", "standard", "workstations", "count", "quantity", NULL, ALL_KINDS},
    {BACKUP, "servers", "standard", "servers", "count", "quantity", NULL, ALL_KINDS},
    {BACKUP, "pg_base_workstations", PER_GB, "workstations", "count", "quantity", NULL, ALL_KINDS},
    {BACKUP, "pg_base_servers", PER_GB, "servers", "count", "quantity", NULL, ALL_KINDS},
    {BACKUP, "pg_base_vms", PER_GB, "vms", "count", "quantity", NULL, ALL_KINDS},
    {BACKUP, "pg_base_m365_seats", PER_GB, "m365_seats", "count", "quantity", NULL, ALL_KINDS},
    {BACKUP, "pg_base_storage", PER_GB, "storage", "infra", "bytes", INFRA, ALL_KINDS},
    {BACKUP, "pg_feature_adv_backup", PER_GB, "adv_backup", "feature", "n/a", NULL, ALL_KINDS},
    {BACKUP, "pw_base_workstations", PER_WORKLOAD, "workstations", "count", "quantity", NULL, ALL_KINDS},
    {BACKUP, "pw_base_servers", PER_WORKLOAD, "servers", "count", "quantity", NULL, ALL_KINDS},
    {BACKUP, "pw_base_storage", PER_WORKLOAD, "storage", "infra", "bytes", INFRA, ALL_KINDS},
    {BACKUP, "dr_compute_points", PER_GB, "compute_points", "count", "seconds", NULL, ALL_KINDS},
    {FILES, "fc_seats", "fss_per_user", "fc_seats", "count", "quantity", NULL, ALL_KINDS},
    {FILES, "fc_storage", "fss_per_gigabyte", "fc_storage", "count", "bytes", NULL, ALL_KINDS},
    {NOTARY, "notary_storage", NULL, "notary_storage", "count", "bytes", NULL, ALL_KINDS},
    {NOTARY, "notarizations", NULL, "notarizations", "count", "quantity", NULL, ALL_KINDS},
    {SHIPPING, "drives_shipped_to_cloud", NULL, "drives", "count", "quantity", NULL, ALL_KINDS},
    {HCI, "hci_storage", NULL, "hci_storage", "count", "bytes", NULL, "partner,folder"},
};

size_t application_count(void)
{
	return ARRAY_LEN(applications);
}

size_t catalog_count(void)
{
	return ARRAY_LEN(catalog);
}

const struct application *application_by_id(const char *id)
{
	for (size_t i = 0; i < ARRAY_LEN(applications); i++)
		if (strcasecmp(applications[i].id, id) == 0)
			return &applications[i];
	return NULL;
}

const struct application *application_by_type(const char *type)
{
	for (size_t i = 0; i < ARRAY_LEN(applications); i++)
		if (strcmp(applications[i].type, type) == 0)
			return &applications[i];
	return NULL;
}

int64_t catalog_find(const char *application_id, const char *name, const char *infra_id)
{
	for (size_t i = 0; i < ARRAY_LEN(catalog); i++) {
		const char *infra = catalog[i].infra_id;
		if (strcmp(catalog[i].name, name) == 0 &&
		    strcasecmp(applications[catalog[i].application].id, application_id) == 0 &&
		    (infra ? infra_id && strcasecmp(infra, infra_id) == 0 : !infra_id))
			return (int64_t)i;
	}
	return -1;
}

int64_t catalog_find_name(const char *name)
{
	for (size_t i = 0; i < ARRAY_LEN(catalog); i++)
		if (strcmp(catalog[i].name, name) == 0)
			return (int64_t)i;
	return -1;
}
