-- Of this run, and what belongs to no run that is at work and will write an audit of its own.
SELECT id, item_key, run_id, step, call, target, request_digest, intent_at, outcome_at, outcome, status, object_id, detail,
	version_before, version_after, audited_in
FROM steps
WHERE audited_in = ''
	AND (run_id = :run_id OR run_id IS NULL OR run_id NOT IN (SELECT run_id FROM audits WHERE number = 0))
ORDER BY id
