INSERT OR IGNORE INTO not_compared (account_id) VALUES (:account_id)
