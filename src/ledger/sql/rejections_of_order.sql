SELECT run_id, key, order_id, account_id, source, line, codes
FROM rejections JOIN runs USING (run_id) WHERE order_id = :order_id ORDER BY runs.sequence, number
