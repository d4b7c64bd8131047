-- Schema version 8. Who signed what of a run: the manifest as it was signed, and its hash. Never removed; a withdrawn one says so.
CREATE TABLE signatures (
	id INTEGER PRIMARY KEY,
	run_id TEXT NOT NULL,
	role TEXT NOT NULL,
	name TEXT NOT NULL,
	login TEXT NOT NULL,
	manifest TEXT NOT NULL,
	document TEXT NOT NULL,
	signed_at INTEGER NOT NULL,
	withdrawn_at INTEGER NOT NULL DEFAULT 0,
	withdrawn_by TEXT NOT NULL DEFAULT '',
	withdrawn_reason TEXT NOT NULL DEFAULT ''
) STRICT;
CREATE INDEX signatures_of_run ON signatures (run_id);
CREATE UNIQUE INDEX signatures_that_stand ON signatures (run_id, role) WHERE withdrawn_at = 0;
