-- With a clock that was set back the row is dated like the latest run, and stays in the count (losses_settle.sql). Ten minutes
-- are the clock's own corrections.
INSERT INTO losses (account_id, key, run_id, kind, from_tier, to_tier, counted, later, at, behind)
SELECT :account_id, :key, :run_id, :kind, :from_tier, :to_tier, :counted, :later, max(:now, at), :now < at - 600000
FROM loss_clock
