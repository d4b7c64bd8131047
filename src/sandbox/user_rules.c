/* Rules for users; see user_rules.h. */
#include "sandbox/user_rules.h"

#include <string.h>

#include "sandbox/render.h"

bool login_acceptable(const char *login)
{
	size_t n = strlen(login);

	return n > 0 && n <= 255 &&
	       strspn(login,
		   "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789.@_-+:!#$%^*={}'`/?") == n;
}

bool role_known(const char *role, bool lenient)
{
	return check_choice(
		   "root_admin|partner_admin|company_admin|unit_admin|readonly_admin|protection_admin|"
		   "protection_ro_admin|restore_operator|backup_user|sync_share_admin|sync_share_user|"
		   "sync_share_guest|pds_operator|pds_support|notary_admin|notary_user|hci_admin|"
		   "omnivoice_admin|omnivoice_user|greathorn_admin|greathorn_user|greathorn_analyst|"
		   "greathorn_client_manager",
		   role) ||
	       (lenient && check_choice("backup_admin|monitoring_admin", role));
}

void user_defaults(
    struct exchange *x, const char *id, const struct tenant *tenant, const char *login, struct user *out)
{
	*out = (struct user){.id = id,
	    .tenant_id = tenant->id,
	    .tenant_path = tenant->path,
	    .login = login,
	    .version = 1,
	    .enabled = true,
	    .idp_id = tenant->default_idp_id,
	    .language = tenant->language,
	    .business_types = "[]",
	    .notifications = "[\"quota\",\"reports\",\"backup_daily_report\"]",
	    .contact = contact_merge(x, NULL, NULL, NULL, id)};
}
