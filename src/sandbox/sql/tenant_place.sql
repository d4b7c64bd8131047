UPDATE tenants SET path = ?2, level = ?3 WHERE id = ?1
