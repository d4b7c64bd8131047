SELECT * FROM run_items
WHERE run_id = :run_id AND (:order_id IS NULL OR order_id = :order_id)
	AND (:account_id IS NULL OR account_id = :account_id) AND (:state IS NULL OR state = :state)
ORDER BY key
