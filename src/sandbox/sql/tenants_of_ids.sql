SELECT * FROM tenant_row
WHERE id IN (SELECT value FROM json_each(?1)) AND (level, seq) > (?4, ?5) AND (?2 OR deleted = 0) AND updated > ?6
  AND created <= ?8 AND (?6 = 0 OR updated <= ?8)
  AND path >= ?3 AND path < substr(?3, 1, length(?3) - 1) || '0'
ORDER BY level, seq LIMIT ?7
