INSERT INTO users (id, tenant_id, login, login_key, version, enabled, activated, external_id, idp_id, language, business_types,
  notifications, contact, origin_id, origin_external_id, disable_after, mails, created, updated, deleted)
VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16, ?17, ?18, ?19, ?20)
