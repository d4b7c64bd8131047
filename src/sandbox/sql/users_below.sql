SELECT * FROM user_row
WHERE seq > ?3 AND path >= ?1 AND path < substr(?1, 1, length(?1) - 1) || '0' AND (?2 OR deleted = 0) AND updated > ?4
  AND created <= ?9 AND (?4 = 0 OR updated <= ?9)
  AND (?5 IS NULL OR tenant_id = ?5)
  AND (?6 IS NULL OR id IN (SELECT value FROM json_each(?6)))
  AND (?7 IS NULL OR external_id IN (SELECT value FROM json_each(?7)))
ORDER BY seq LIMIT ?8
