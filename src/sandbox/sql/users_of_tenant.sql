SELECT user_row.* FROM users JOIN user_row ON user_row.seq = users.seq
WHERE users.tenant_id = ?1 AND users.seq > ?2 AND (?3 OR users.deleted = 0) AND users.updated > ?4
  AND users.created <= ?7 AND (?4 = 0 OR users.updated <= ?7)
  AND (?5 IS NULL OR users.external_id IN (SELECT value FROM json_each(?5)))
ORDER BY users.seq LIMIT ?6
