SELECT * FROM items
WHERE account_id = :account_id AND (:state IS NULL OR state = :state)
ORDER BY key
