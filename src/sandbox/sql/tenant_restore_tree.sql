UPDATE tenants SET deleted = 0, updated = ?3, version = version + 1
WHERE path >= ?1 AND path < substr(?1, 1, length(?1) - 1) || '0' AND deleted = ?2
