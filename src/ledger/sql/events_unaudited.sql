-- As with the steps: its own, and those of nobody who will write an audit.
SELECT id, run_id, at, event, item_key, detail, reason FROM events
WHERE audited_in = '' AND (run_id = :run_id OR run_id NOT IN (SELECT run_id FROM audits WHERE number = 0))
ORDER BY id
