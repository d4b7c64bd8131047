SELECT user_row.* FROM users JOIN user_row ON user_row.seq = users.seq WHERE users.login_key = ?1 AND users.deleted = 0
