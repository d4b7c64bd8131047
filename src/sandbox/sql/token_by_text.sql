SELECT text, client_id, tenant_id, use, expires FROM tokens WHERE text = ?1
