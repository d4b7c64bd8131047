INSERT INTO tenants (id, parent_id, path, level, kind, name, name_key, version, enabled, customer_type, customer_id, internal_tag,
  language, contact, billing_contact, default_idp_id, operation_status, update_lock, ancestral_access, mfa, enhanced_security,
  lock_owner, created, updated, deleted, pricing_mode, currency, pricing_version, production_start)
VALUES (?1, ?2, '', 0, ?3, '', '', 0, 0, '', NULL, NULL, '', '{}', NULL, '', NULL, 0, 0, 0, 0, NULL, ?4, ?4, 0, '', NULL, 0, 0)
