SELECT id, user_id, tenant_id, role_id, trustee_type, issuer_id, version, created, updated, deleted FROM policies
WHERE user_id = ?1 AND (?2 OR deleted = 0) ORDER BY created, role_id, id
