-- Never before the row before it: with a clock that was set back, what was taken meanwhile would soon look a day old.
INSERT INTO losses (account_id, key, run_id, kind, from_tier, to_tier, counted, later, at)
VALUES (:account_id, :key, :run_id, :kind, :from_tier, :to_tier, :counted, :later,
	max(:now, (SELECT coalesce(max(at), 0) FROM losses)))
