/* What the pretended cloud sells: its applications and offering items. Constant; the store refers to items by
 * their row. */
#ifndef SANDBOX_CATALOG_H
#define SANDBOX_CATALOG_H

#include <stddef.h>
#include <stdint.h>

struct application {
	const char *id, *name, *type, *api_path;
};
struct catalog_item {
	size_t application;
	const char *name, *edition, *usage_name, *type, *unit;
	const char *infra_id; /* of type infra, else NULL */
	const char *kinds;    /* tenant kinds it can be offered to: "partner,customer" */
};

extern const struct application applications[];
extern const struct catalog_item catalog[];
size_t application_count(void);
size_t catalog_count(void);
const struct application *application_by_id(const char *id);     /* or NULL */
const struct application *application_by_type(const char *type); /* or NULL */
/* Identity is application, name and infra id (notes section 4). infra_id NULL only finds items without one;
 * -1: none. */
int64_t catalog_find(const char *application_id, const char *name, const char *infra_id);
int64_t catalog_find_name(const char *name); /* the first of that name, or -1 */

#endif
