DELETE FROM policies WHERE user_id = ?1
