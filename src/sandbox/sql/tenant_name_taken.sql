SELECT 1 FROM tenants WHERE parent_id = ?1 AND name_key = ?2 AND deleted = 0 AND id <> ?3 LIMIT 1
