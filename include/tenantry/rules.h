/* The validation rules: one table, held against every order item at once, no I/O. Codes and texts are fixed by design
 * section 5; the numbers in brackets are the domain notes' business rules. */
#ifndef TENANTRY_RULES_H
#define TENANTRY_RULES_H

#include <stdint.h>

#include "tenantry/facts.h"
#include "tenantry/order.h"

/* id, code, sentence for people (a whole sentence a sales clerk understands, what is wrong and what to do) */
#define RULES(X)                                                                                             \
	X(RULE_ROW_MALFORMED, "row-malformed", "the row cannot be read as a record")                             \
	X(RULE_ENCODING_INVALID, "encoding-invalid", "the row is not valid text in the file's encoding")         \
	X(RULE_FIELD_TOO_LONG, "field-too-long", "a field is longer than 64 KiB")                                \
	X(RULE_ORDER_ID_MISSING, "order-id-missing", "Order Id is empty")                                        \
	X(RULE_ORDER_DUPLICATE, "order-duplicate", "the same order item stands in this intake again with other content") \
	X(RULE_ACTION_UNKNOWN, "action-unknown", "Action is not new, upgrade, downgrade, suspend, reactivate or cancel") \
	X(RULE_DATE_INVALID, "date-invalid", "a date is not an ISO 8601 date that exists")                       \
	X(RULE_STATUS_UNKNOWN, "status-unknown", "Order Status is neither pending nor ignored in the job file")  \
	X(RULE_PRODUCT_UNKNOWN, "product-unknown", "Product Code is not in contract.tiers")                      \
	X(RULE_TIER_UNKNOWN, "tier-unknown", "Tier is not in contract.tiers, or neither product nor tier is given") \
	X(RULE_ORDER_TIER_MISMATCH, "order-tier-mismatch", "Product Code and Tier name different tiers")         \
	X(RULE_TIER_NOT_SOLD, "tier-not-sold", "this tier is no longer sold")                                    \
	X(RULE_QUANTITY_NOT_ONE, "quantity-not-one", "Quantity must be exactly 1 for a contract")                \
	X(RULE_BUYER_NOT_RESELLER, "buyer-not-reseller", "a contract is sold to resellers only")                 \
	X(RULE_NOT_OWN_USE, "not-own-use", "a contract is for the reseller's own use, not for an end customer")  \
	X(RULE_CURRENCY_MISSING, "currency-missing", "Currency is empty")                                        \
	X(RULE_CURRENCY_NOT_ALLOWED, "currency-not-allowed", "Currency is not one that contracts are billed in") \
	X(RULE_BILLING_ADDRESS_INCOMPLETE, "billing-address-incomplete", "the billing address is not complete")  \
	X(RULE_EMAIL_MISSING, "email-missing", "Email and Username are both empty")                              \
	X(RULE_EMAIL_INVALID, "email-invalid", "Email is not an address that Acronis accepts as a login")        \
	X(RULE_USERNAME_INVALID, "username-invalid", "Username is not in email form")                            \
	X(RULE_USERNAME_TAKEN, "username-taken", "the login belongs to another account")                         \
	X(RULE_TERMS_NOT_ACCEPTED, "terms-not-accepted", "the Acronis terms of use were not accepted")           \
	X(RULE_CONTRACT_EXISTS, "contract-exists", "the account already has a contract")                         \
	X(RULE_SUBSCRIPTION_UNKNOWN, "subscription-unknown", "the subscription to be changed is not known for this account") \
	X(RULE_NO_TIER_CHANGE, "no-tier-change", "the change does not go to another tier in its direction")

enum rule_code {
#define X(id, code, text) id,
	RULES(X)
#undef X
	    RULE_COUNT
};

#define WARNINGS(X) X(WARNING_CURRENCY_ALIAS, "currency-alias", "the currency code was read as another one")
enum warning_code {
#define X(id, code, text) id,
	WARNINGS(X)
#undef X
	    WARNING_COUNT
};

const char *rule_name(enum rule_code code);	/* "quantity-not-one" */
const char *rule_text(enum rule_code code);
const char *warning_name(enum warning_code code);

/* Breaches as a set of bits, rule n is bit n; the order of the table is the order in reports. */
struct verdict {
	uint64_t broken, warnings;
};

#endif
