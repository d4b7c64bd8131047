SELECT * FROM tenant_row
WHERE (level, seq) > (?3, ?4) AND +path >= ?1 AND +path < substr(?1, 1, length(?1) - 1) || '0'
  AND (?2 OR deleted = 0) AND updated > ?5
  AND created <= ?7 AND (?5 = 0 OR updated <= ?7)
ORDER BY level, seq LIMIT ?6
