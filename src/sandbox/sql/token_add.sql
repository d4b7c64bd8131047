INSERT INTO tokens (text, client_id, tenant_id, use, expires) VALUES (?1, ?2, ?3, ?4, ?5)
