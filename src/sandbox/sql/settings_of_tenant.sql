SELECT name, value FROM settings WHERE tenant_id = ?1 ORDER BY name
