DELETE FROM losses WHERE key = :key AND run_id = :run_id AND later = 0
