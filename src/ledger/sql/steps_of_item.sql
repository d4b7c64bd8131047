SELECT id, item_key, run_id, step, call, target, request_digest, intent_at, outcome_at, outcome, status, object_id, detail,
	version_before, version_after, audited_in
FROM steps WHERE item_key = :item_key ORDER BY id
