SELECT value, lock, exclusive FROM settings WHERE tenant_id = ?1 AND name = ?2
