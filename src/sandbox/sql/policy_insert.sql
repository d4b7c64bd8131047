INSERT INTO policies (id, user_id, tenant_id, role_id, trustee_type, issuer_id, version, created, updated, deleted)
VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, 0)
