-- Schema version 7. Corrections of findings, as each run left them.
CREATE TABLE fixes (
	run_id TEXT NOT NULL,
	finding_id TEXT NOT NULL,
	found_in TEXT NOT NULL,
	code TEXT NOT NULL,
	change TEXT NOT NULL,
	account_id TEXT NOT NULL,
	account TEXT NOT NULL,
	subscription_id TEXT NOT NULL,
	tenant_id TEXT NOT NULL,
	was TEXT NOT NULL,
	wanted TEXT NOT NULL,
	currency TEXT NOT NULL,
	money TEXT NOT NULL,
	state TEXT NOT NULL,
	reason TEXT NOT NULL,
	text TEXT NOT NULL,
	batch INTEGER NOT NULL,
	updated_at INTEGER NOT NULL,
	PRIMARY KEY (run_id, finding_id)
) STRICT, WITHOUT ROWID;
CREATE INDEX fixes_by_finding ON fixes (finding_id);
CREATE INDEX steps_in_doubt ON steps (target) WHERE outcome_at = 0;
