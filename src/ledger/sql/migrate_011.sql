-- Schema version 11. When a run first read an order item, whatever became of it: what a rule counts from that day must not
-- change while the order waits. Items that are known already have received_at.
CREATE TABLE first_reads (
	key TEXT PRIMARY KEY,
	at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
