-- Of no order item: corrections. The target of a setting is TENANT/NAME.
SELECT id, item_key, run_id, step, call, target, request_digest, intent_at, outcome_at, outcome, status, object_id, detail,
	version_before, version_after, audited_in
FROM steps WHERE outcome_at = 0 AND item_key IS NULL AND (target = :tenant_id OR substr(target, 1, length(:tenant_id) + 1) = :tenant_id || '/')
ORDER BY id
