-- Keeps the first ones of a run only: the numbers go up by one, so the highest is how many there are.
INSERT INTO rejections (run_id, number, key, order_id, account_id, source, line, codes)
SELECT :run_id, kept + 1, :key, :order_id, :account_id, :source, :line, :codes
FROM (SELECT coalesce(max(number), 0) AS kept FROM rejections WHERE run_id = :run_id)
WHERE kept < :most
