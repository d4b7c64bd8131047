SELECT account_id, key, run_id, kind, from_tier, to_tier, counted, later, at, behind = 1 OR at > :since FROM losses
WHERE key = :key ORDER BY id
