INSERT INTO steps (account_id, item_key, run_id, step, call, target, request_digest, intent_at, outcome_at, outcome, status,
	object_id, detail, version_before)
VALUES (coalesce((SELECT account_id FROM items WHERE key = :item_key), ''), :item_key, :run_id, :step, :call, :target,
	:request_digest, :now, 0, '', 0, '', '', :version_before)
