-- Schema version 2: the audit, and a pause that outlives its process.

-- Versions of the object that a change was about; 0: it has none, or it is not known.
ALTER TABLE steps ADD COLUMN version_before INTEGER NOT NULL DEFAULT 0;
ALTER TABLE steps ADD COLUMN version_after INTEGER NOT NULL DEFAULT 0;
-- The run whose audit shows the row as it stands; '' none yet; '-' for what was before there were audits.
ALTER TABLE steps ADD COLUMN audited_in TEXT NOT NULL DEFAULT '';
UPDATE steps SET audited_in = '-';
CREATE INDEX steps_unaudited ON steps (id) WHERE audited_in = '';

-- What a run or a person did that is no call: limits raised, stops, decisions. run_id '' for what no run did.
-- detail is free of personal data; reason may be anything that a person wrote.
CREATE TABLE events (
	id INTEGER PRIMARY KEY,
	run_id TEXT NOT NULL,
	at INTEGER NOT NULL,
	event TEXT NOT NULL,
	item_key TEXT NOT NULL,
	detail TEXT NOT NULL,
	reason TEXT NOT NULL,
	audited_in TEXT NOT NULL DEFAULT ''
) STRICT;
CREATE INDEX events_unaudited ON events (id) WHERE audited_in = '';
CREATE INDEX events_by_run ON events (audited_in);

-- The chain of audits. number is the place in it, 0 while the run is at work; prev and head are hashes of lines. Rows outlive
-- their runs: a chain with a link taken out proves nothing.
CREATE TABLE audits (
	run_id TEXT PRIMARY KEY,
	number INTEGER NOT NULL DEFAULT 0,
	prev TEXT NOT NULL DEFAULT '',
	head TEXT NOT NULL DEFAULT '',
	lines INTEGER NOT NULL DEFAULT 0,
	closed_by TEXT NOT NULL DEFAULT ''
) STRICT, WITHOUT ROWID;
CREATE INDEX audits_by_number ON audits (number);

-- The key of the audit's keyed digests, 64 hex digits.
CREATE TABLE audit_key (
	one INTEGER PRIMARY KEY CHECK (one = 1),
	key TEXT NOT NULL
) STRICT;

-- The last pause that Acronis asked everybody to keep.
CREATE TABLE pause (
	one INTEGER PRIMARY KEY CHECK (one = 1),
	noted_at INTEGER NOT NULL,
	until_at INTEGER NOT NULL
) STRICT;
