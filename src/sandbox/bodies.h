/* Shapes of request bodies that several operations share. */
#ifndef SANDBOX_BODIES_H
#define SANDBOX_BODIES_H

#include "sandbox/check.h"

extern const struct check_object contact_shape; /* ContactPut: strict */
extern const struct check_object
    user_contact_shape; /* of UserPost: unknown members tolerated, email required */
extern const struct check_object lock_shape;
#define TENANT_KINDS "root|partner|folder|customer|unit"

#endif
