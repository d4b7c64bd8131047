SELECT id, secret, tenant_id, auth_method, data, created_by, created, last_access, enabled FROM clients ORDER BY seq LIMIT 1
