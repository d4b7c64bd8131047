-- Keeps the first ones of a run only: the numbers go up by one, so the highest is how many there are. It is taken from the end of
-- the key: max() over the run would read all that were kept for each further one.
INSERT INTO rejections (run_id, number, key, order_id, account_id, source, line, codes)
SELECT :run_id, kept + 1, :key, :order_id, :account_id, :source, :line, :codes
FROM (SELECT coalesce((SELECT number FROM rejections WHERE run_id = :run_id ORDER BY number DESC LIMIT 1), 0) AS kept)
WHERE kept < :most
