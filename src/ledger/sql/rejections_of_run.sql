SELECT run_id, key, order_id, account_id, source, line, codes
FROM rejections WHERE run_id = :run_id AND (:order_id IS NULL OR order_id = :order_id) ORDER BY number
