SELECT * FROM items
WHERE order_id = :order_id AND (:account_id IS NULL OR account_id = :account_id) AND (:state IS NULL OR state = :state)
ORDER BY key
