UPDATE users SET tenant_id = ?2, login = ?3, login_key = ?4, version = ?5, enabled = ?6, activated = ?7, external_id = ?8,
  idp_id = ?9, language = ?10, business_types = ?11, notifications = ?12, contact = ?13, origin_id = ?14,
  origin_external_id = ?15, disable_after = ?16, mails = ?17, created = ?18, updated = ?19, deleted = ?20
WHERE id = ?1
