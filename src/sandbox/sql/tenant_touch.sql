UPDATE tenants SET updated = ?2 WHERE id = ?1
