DELETE FROM settings WHERE tenant_id = ?1 AND name = ?2
