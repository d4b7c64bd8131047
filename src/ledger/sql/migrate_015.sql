-- Schema version 15. Order items of which the BSS's export was seen to show what they did, and when that was first seen. Of
-- contracts that were made before it is taken as seen, but for those that still waited for it (import-pending) when both sides
-- were last compared, or were made after that.
CREATE TABLE imports (
	key TEXT PRIMARY KEY,
	at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
INSERT INTO imports (key, at)
SELECT key, updated_at FROM items AS i
WHERE state = 'done' AND action = 'new'
	AND updated_at < (SELECT coalesce(max(seen_at), 0) FROM sides WHERE side = 'subscriptions')
	AND NOT EXISTS (SELECT 1 FROM findings AS f
		WHERE f.account_id = i.account_id AND f.code = 'import-pending' AND f.state <> 'resolved');
