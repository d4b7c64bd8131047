UPDATE tenants SET path = ?2 || substr(path, length(?1) + 1), level = level + ?3
WHERE path >= ?1 AND path < substr(?1, 1, length(?1) - 1) || '0'
