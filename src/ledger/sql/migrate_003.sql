-- Schema version 3. What people decided about parked order items: who, when, what, and why; never changed, never removed.
CREATE TABLE decisions (
	id INTEGER PRIMARY KEY,
	account_id TEXT NOT NULL,
	item_key TEXT NOT NULL REFERENCES items (key),
	decision TEXT NOT NULL,
	parked_as TEXT NOT NULL,
	tenant_id TEXT NOT NULL,
	note TEXT NOT NULL,
	who TEXT NOT NULL,
	decided_at INTEGER NOT NULL
) STRICT;
CREATE INDEX decisions_by_item ON decisions (item_key);
