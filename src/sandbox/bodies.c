/* Shared body shapes; see bodies.h and the schemas of acronis-openapi.yaml. */
#include "sandbox/bodies.h"

#define NULLABLE_TEXT(member)                                                                                \
	{                                                                                                    \
		.name = member, .type = CHECK_TEXT, .flags = CHECK_NULLABLE                                  \
	}
#define CONTACT_TEXTS                                                                                        \
	NULLABLE_TEXT("address1"), NULLABLE_TEXT("address2"), NULLABLE_TEXT("country"),                      \
	    NULLABLE_TEXT("state"), NULLABLE_TEXT("city"), NULLABLE_TEXT("zipcode"), NULLABLE_TEXT("phone"), \
	    NULLABLE_TEXT("firstname"), NULLABLE_TEXT("lastname"), NULLABLE_TEXT("title"),                   \
	    NULLABLE_TEXT("website"), NULLABLE_TEXT("industry"), NULLABLE_TEXT("organization_size"),         \
	    NULLABLE_TEXT("aan"), NULLABLE_TEXT("language"), NULLABLE_TEXT("fax")

static const struct check_member contact_type = {
    .type = CHECK_TEXT, .choices = "legal|primary|billing|technical|management"};

static const struct check_member contact_members[] = {
    {.name = "types", .type = CHECK_ARRAY, .flags = CHECK_NOT_EMPTY | CHECK_UNIQUE, .element = &contact_type},
    {.name = "tenant_id", .type = CHECK_UUID},
    {.name = "user_id", .type = CHECK_UUID},
    {.name = "email", .type = CHECK_EMAIL},
    {.name = "email_confirmed", .type = CHECK_BOOL, .flags = CHECK_NULLABLE},
    CONTACT_TEXTS,
    {0},
};
const struct check_object contact_shape = {contact_members, false};

static const struct check_member user_contact_members[] = {
    {.name = "email", .type = CHECK_EMAIL, .flags = CHECK_REQUIRED}, CONTACT_TEXTS, {0}};
const struct check_object user_contact_shape = {user_contact_members, true};

static const struct check_member lock_members[] = {
    {.name = "enabled", .type = CHECK_BOOL, .flags = CHECK_REQUIRED}, {0}};
const struct check_object lock_shape = {lock_members, true};
