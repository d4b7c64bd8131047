SELECT id, user_id, tenant_id, role_id, trustee_type, issuer_id, version, created, updated FROM policies
WHERE user_id = ?1 ORDER BY created, role_id, id
