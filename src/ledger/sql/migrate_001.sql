-- Schema version 1. Texts are never NULL but where a row may refer to none: "" is none, as in the records of ledger.h.
-- Tables of accounts are keyed by account first, so that they can be spread over machines by it (design section 9).
-- What is read by run (the copies that `report RUN` shows) is keyed by run.

CREATE TABLE binding (
	one INTEGER PRIMARY KEY CHECK (one = 1),
	bss TEXT NOT NULL,
	parent_tenant TEXT NOT NULL
) STRICT;

CREATE TABLE locks (
	job TEXT PRIMARY KEY,
	run_id TEXT NOT NULL,
	host TEXT NOT NULL,
	boot_id TEXT NOT NULL,
	pid INTEGER NOT NULL,
	process_start INTEGER NOT NULL,
	heartbeat INTEGER NOT NULL,
	taken_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

-- The sequence says which run is newer, whatever the machine's clock did between them.
CREATE TABLE runs (
	sequence INTEGER PRIMARY KEY,
	run_id TEXT NOT NULL UNIQUE,
	job TEXT NOT NULL,
	command TEXT NOT NULL,
	folder TEXT NOT NULL,
	job_path TEXT NOT NULL,
	started_at INTEGER NOT NULL,
	ended_at INTEGER NOT NULL,
	exit_status INTEGER NOT NULL,
	changes INTEGER NOT NULL,
	document TEXT NOT NULL
) STRICT;

CREATE TABLE batches (
	run_id TEXT NOT NULL REFERENCES runs (run_id) ON DELETE CASCADE,
	number INTEGER NOT NULL,
	planned INTEGER NOT NULL,
	done INTEGER NOT NULL,
	failed INTEGER NOT NULL,
	parked INTEGER NOT NULL,
	started_at INTEGER NOT NULL,
	ended_at INTEGER NOT NULL,
	PRIMARY KEY (run_id, number)
) STRICT, WITHOUT ROWID;

-- Order items as they stand now. run_items and items have the same columns in the same order: item_copy.sql relies on it.
CREATE TABLE items (
	account_id TEXT NOT NULL,
	key TEXT NOT NULL UNIQUE,
	order_id TEXT NOT NULL,
	item_id TEXT NOT NULL,
	account TEXT NOT NULL,
	login TEXT NOT NULL,
	subscription_id TEXT NOT NULL,
	tenant_id TEXT NOT NULL,
	user_id TEXT NOT NULL,
	tier TEXT NOT NULL,
	currency TEXT NOT NULL,
	digest TEXT NOT NULL,
	reason TEXT NOT NULL,
	text TEXT NOT NULL,
	run_id TEXT NOT NULL,
	source TEXT NOT NULL,
	start_date TEXT NOT NULL,
	line INTEGER NOT NULL,
	action TEXT NOT NULL,
	state TEXT NOT NULL,
	step TEXT NOT NULL,
	batch INTEGER NOT NULL,
	attempts INTEGER NOT NULL,
	updated_at INTEGER NOT NULL,
	received_at INTEGER NOT NULL,
	executed_at INTEGER NOT NULL,
	PRIMARY KEY (account_id, key)
) STRICT, WITHOUT ROWID;
CREATE INDEX items_by_order ON items (order_id, key);
CREATE INDEX items_by_state ON items (state, key);

-- Order items as they stood at the end of a run.
CREATE TABLE run_items (
	account_id TEXT NOT NULL,
	key TEXT NOT NULL REFERENCES items (key),
	order_id TEXT NOT NULL,
	item_id TEXT NOT NULL,
	account TEXT NOT NULL,
	login TEXT NOT NULL,
	subscription_id TEXT NOT NULL,
	tenant_id TEXT NOT NULL,
	user_id TEXT NOT NULL,
	tier TEXT NOT NULL,
	currency TEXT NOT NULL,
	digest TEXT NOT NULL,
	reason TEXT NOT NULL,
	text TEXT NOT NULL,
	run_id TEXT NOT NULL REFERENCES runs (run_id) ON DELETE CASCADE,
	source TEXT NOT NULL,
	start_date TEXT NOT NULL,
	line INTEGER NOT NULL,
	action TEXT NOT NULL,
	state TEXT NOT NULL,
	step TEXT NOT NULL,
	batch INTEGER NOT NULL,
	attempts INTEGER NOT NULL,
	updated_at INTEGER NOT NULL,
	received_at INTEGER NOT NULL,
	executed_at INTEGER NOT NULL,
	PRIMARY KEY (run_id, key)
) STRICT, WITHOUT ROWID;
CREATE INDEX run_items_by_key ON run_items (key);

CREATE TABLE rejections (
	run_id TEXT NOT NULL REFERENCES runs (run_id) ON DELETE CASCADE,
	number INTEGER NOT NULL,
	key TEXT NOT NULL,
	order_id TEXT NOT NULL,
	account_id TEXT NOT NULL,
	source TEXT NOT NULL,
	line INTEGER NOT NULL,
	codes TEXT NOT NULL,
	PRIMARY KEY (run_id, number)
) STRICT, WITHOUT ROWID;
CREATE INDEX rejections_by_order ON rejections (order_id);

-- The journal. A change that belongs to no order item (a correction) has no item; a run may be pruned, its steps stay.
CREATE TABLE steps (
	id INTEGER PRIMARY KEY,
	account_id TEXT NOT NULL,
	item_key TEXT REFERENCES items (key),
	run_id TEXT REFERENCES runs (run_id) ON DELETE SET NULL,
	step TEXT NOT NULL,
	call TEXT NOT NULL,
	target TEXT NOT NULL,
	request_digest TEXT NOT NULL,
	intent_at INTEGER NOT NULL,
	outcome_at INTEGER NOT NULL,
	outcome TEXT NOT NULL,
	status INTEGER NOT NULL,
	object_id TEXT NOT NULL,
	detail TEXT NOT NULL
) STRICT;
CREATE INDEX steps_by_item ON steps (item_key);
CREATE INDEX steps_by_run ON steps (run_id);

CREATE TABLE tenants (
	account_id TEXT PRIMARY KEY,
	tenant_id TEXT NOT NULL,
	login TEXT NOT NULL,
	item_key TEXT NOT NULL,
	subscription_id TEXT NOT NULL,
	user_id TEXT NOT NULL,
	tier TEXT NOT NULL,
	updated_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

-- Findings as they stand now. run_findings and findings have the same columns in the same order: finding_copy.sql relies on it.
CREATE TABLE findings (
	account_id TEXT NOT NULL,
	finding_id TEXT NOT NULL UNIQUE,
	run_id TEXT NOT NULL,
	code TEXT NOT NULL,
	severity TEXT NOT NULL,
	owner TEXT NOT NULL,
	state TEXT NOT NULL,
	account TEXT NOT NULL,
	subscription_id TEXT NOT NULL,
	tenant_id TEXT NOT NULL,
	object TEXT NOT NULL,
	expected TEXT NOT NULL,
	bss TEXT NOT NULL,
	acronis TEXT NOT NULL,
	currency TEXT NOT NULL,
	money TEXT NOT NULL,
	sentence TEXT NOT NULL,
	evidence TEXT NOT NULL,
	first_seen INTEGER NOT NULL,
	last_seen INTEGER NOT NULL,
	runs_open INTEGER NOT NULL,
	PRIMARY KEY (account_id, finding_id)
) STRICT, WITHOUT ROWID;
CREATE INDEX findings_by_state ON findings (state);

-- Findings as a run put them.
CREATE TABLE run_findings (
	account_id TEXT NOT NULL,
	finding_id TEXT NOT NULL REFERENCES findings (finding_id),
	run_id TEXT NOT NULL REFERENCES runs (run_id) ON DELETE CASCADE,
	code TEXT NOT NULL,
	severity TEXT NOT NULL,
	owner TEXT NOT NULL,
	state TEXT NOT NULL,
	account TEXT NOT NULL,
	subscription_id TEXT NOT NULL,
	tenant_id TEXT NOT NULL,
	object TEXT NOT NULL,
	expected TEXT NOT NULL,
	bss TEXT NOT NULL,
	acronis TEXT NOT NULL,
	currency TEXT NOT NULL,
	money TEXT NOT NULL,
	sentence TEXT NOT NULL,
	evidence TEXT NOT NULL,
	first_seen INTEGER NOT NULL,
	last_seen INTEGER NOT NULL,
	runs_open INTEGER NOT NULL,
	PRIMARY KEY (run_id, finding_id)
) STRICT, WITHOUT ROWID;
CREATE INDEX run_findings_by_finding ON run_findings (finding_id);

-- What became of a finding over the nights: opened, resolved, reopened.
CREATE TABLE finding_events (
	id INTEGER PRIMARY KEY,
	finding_id TEXT NOT NULL REFERENCES findings (finding_id),
	run_id TEXT NOT NULL,
	event TEXT NOT NULL,
	at INTEGER NOT NULL
) STRICT;
CREATE INDEX finding_events_by_finding ON finding_events (finding_id);

CREATE TABLE sides (
	run_id TEXT NOT NULL REFERENCES runs (run_id) ON DELETE CASCADE,
	side TEXT NOT NULL,
	rows INTEGER NOT NULL,
	path TEXT NOT NULL,
	digest TEXT NOT NULL,
	seen_at INTEGER NOT NULL,
	PRIMARY KEY (run_id, side)
) STRICT, WITHOUT ROWID;
