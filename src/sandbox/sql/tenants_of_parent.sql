SELECT * FROM tenant_row
WHERE parent_id = ?1 AND id <> parent_id AND seq > ?4 AND (?2 OR deleted = 0) AND updated > ?5
  AND created <= ?7 AND (?5 = 0 OR updated <= ?7)
  AND path >= ?3 AND path < substr(?3, 1, length(?3) - 1) || '0'
ORDER BY seq LIMIT ?6
