-- Schema version 5. What each side held, kept as a compressed file in the run's folder: what a later night reads only the
-- changes since, and what a closed month is compared from. Rows outlive their files: removed_at says when one was pruned.
CREATE TABLE snapshots (
	run_id TEXT NOT NULL REFERENCES runs (run_id) ON DELETE CASCADE,
	side TEXT NOT NULL,          -- tenants, subscriptions
	file TEXT NOT NULL,          -- its name in the run's folder
	digest TEXT NOT NULL,        -- of the text, not of its compressed form
	rows INTEGER NOT NULL,
	taken_at INTEGER NOT NULL,
	source TEXT NOT NULL,        -- the cloud's address; the export
	parent TEXT NOT NULL,        -- of tenants
	api_timestamp TEXT NOT NULL, -- of tenants: the cloud's own time of the listing, for the changes since
	full_at INTEGER NOT NULL,    -- of tenants: when all of them were last read, 0 never
	others INTEGER NOT NULL,     -- of tenants: listed then below other partners
	removed_at INTEGER NOT NULL DEFAULT 0,
	PRIMARY KEY (run_id, side)
) STRICT, WITHOUT ROWID;
CREATE INDEX snapshots_by_time ON snapshots (side, taken_at);
