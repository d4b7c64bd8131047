INSERT INTO losses (account_id, key, run_id, kind, from_tier, to_tier, counted, later, at, behind)
VALUES (:account_id, :key, :run_id, :kind, :from_tier, :to_tier, :counted, :later, :at, 0)
