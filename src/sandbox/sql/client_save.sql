INSERT INTO clients (id, secret, tenant_id, auth_method, data, created_by, created, last_access, enabled)
VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)
ON CONFLICT (id) DO UPDATE SET secret = ?2, tenant_id = ?3, auth_method = ?4, data = ?5, last_access = ?8, enabled = ?9
