SELECT * FROM user_row WHERE id = ?1
