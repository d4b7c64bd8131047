UPDATE tenants SET parent_id = ?2, kind = ?3, name = ?4, name_key = ?5, version = ?6, enabled = ?7, customer_type = ?8,
  customer_id = ?9, internal_tag = ?10, language = ?11, contact = ?12, billing_contact = ?13, default_idp_id = ?14,
  operation_status = ?15, update_lock = ?16, ancestral_access = ?17, mfa = ?18, enhanced_security = ?19, lock_owner = ?20,
  updated = ?21, deleted = ?22, pricing_mode = ?23, currency = ?24, pricing_version = ?25, production_start = ?26,
  created = ?27
WHERE id = ?1
