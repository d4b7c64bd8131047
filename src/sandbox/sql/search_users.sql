SELECT * FROM user_row
WHERE path >= ?1 AND path < substr(?1, 1, length(?1) - 1) || '0' AND (?3 OR deleted = 0) AND created <= ?5
  AND (instr(sandbox_fold(login), ?2) OR instr(sandbox_fold(contact ->> 'email'), ?2)
    OR instr(sandbox_fold(contact ->> 'firstname'), ?2) OR instr(sandbox_fold(contact ->> 'lastname'), ?2))
ORDER BY seq LIMIT ?4
