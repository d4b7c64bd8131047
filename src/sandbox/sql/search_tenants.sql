SELECT * FROM tenant_row
WHERE path >= ?1 AND path < substr(?1, 1, length(?1) - 1) || '0' AND (?3 OR deleted = 0) AND created <= ?5
  AND (instr(sandbox_fold(name), ?2) OR instr(sandbox_fold(customer_id), ?2) OR instr(sandbox_fold(contact ->> 'firstname'), ?2)
    OR instr(sandbox_fold(contact ->> 'lastname'), ?2) OR instr(sandbox_fold(contact ->> 'email'), ?2))
ORDER BY level, seq LIMIT ?4
