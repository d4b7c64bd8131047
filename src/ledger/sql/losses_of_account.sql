SELECT account_id, key, run_id, kind, from_tier, to_tier, counted, later, at, 1 FROM losses
WHERE account_id = :account_id AND (at > :since OR behind = 1) ORDER BY id
