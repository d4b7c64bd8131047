SELECT account_id, key, run_id, kind, from_tier, to_tier, counted, later, at FROM losses
WHERE account_id = :account_id AND at > :since ORDER BY id
