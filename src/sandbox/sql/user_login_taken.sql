SELECT 1 FROM users WHERE login_key = ?1 AND deleted = 0 AND id <> ?2
