UPDATE users SET deleted = ?2, updated = ?2, version = version + 1
WHERE deleted = 0 AND tenant_id IN
  (SELECT id FROM tenants WHERE path >= ?1 AND path < substr(?1, 1, length(?1) - 1) || '0')
