-- Schema version 13. What was taken away from resellers, for the budget of a day: a row when an action that takes away begins
-- or is accepted for a day to come. kind: disable, suspend, cancel, tier-drop. counted 0: a drop of one step, which counts
-- for nothing by itself, but from which a further drop of the account is measured. later 1: accepted for a day to come.
-- behind 1: put while the clock stood before what an earlier run had seen, so nobody knows when; it counts until a day after
-- the clock was seen to be right again. loss_clock: the latest time that a run has seen.
CREATE TABLE losses (
	id INTEGER PRIMARY KEY,
	account_id TEXT NOT NULL,
	key TEXT NOT NULL,
	run_id TEXT NOT NULL,
	kind TEXT NOT NULL,
	from_tier TEXT NOT NULL,
	to_tier TEXT NOT NULL,
	counted INTEGER NOT NULL,
	later INTEGER NOT NULL,
	at INTEGER NOT NULL,
	behind INTEGER NOT NULL DEFAULT 0
) STRICT;
CREATE INDEX losses_by_key ON losses (key);
CREATE INDEX losses_by_account ON losses (account_id, at);
CREATE INDEX losses_by_time ON losses (at);
CREATE TABLE loss_clock (
	one INTEGER PRIMARY KEY CHECK (one = 1),
	at INTEGER NOT NULL
) STRICT;
INSERT INTO loss_clock (one, at) SELECT 1, coalesce(max(started_at), 0) FROM runs;
-- What the version before did, so that its last day counts, and what it accepted for later, so that it does not count again.
INSERT INTO losses (account_id, key, run_id, kind, from_tier, to_tier, counted, later, at)
SELECT account_id, key, run_id, action, '', '', 1, 0, executed_at FROM items
WHERE action IN ('suspend', 'cancel') AND executed_at > 0;
INSERT INTO losses (account_id, key, run_id, kind, from_tier, to_tier, counted, later, at)
SELECT account_id, key, run_id, action, '', '', 1, 0, updated_at FROM items
WHERE action IN ('suspend', 'cancel') AND executed_at = 0 AND key IN (SELECT item_key FROM steps WHERE step = 'switch');
INSERT INTO losses (account_id, key, run_id, kind, from_tier, to_tier, counted, later, at)
SELECT account_id, finding_id, run_id, change, '', '', 1, 0, updated_at FROM fixes
WHERE change = 'disable' AND state IN ('done', 'running', 'failed');
INSERT INTO losses (account_id, key, run_id, kind, from_tier, to_tier, counted, later, at)
SELECT account_id, key, run_id, 'tier-drop', '', tier, 1, 1, received_at FROM items
WHERE action IN ('upgrade', 'downgrade') AND state = 'accepted' AND text LIKE 'due %';
