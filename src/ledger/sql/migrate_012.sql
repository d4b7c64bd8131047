-- Schema version 12. Tenants that the ledger or the BSS knows and that answered, asked for by their ids, that they are not there or
-- deleted: not asked for again before the next full read.
CREATE TABLE absent_tenants (
	tenant_id TEXT PRIMARY KEY,
	run_id TEXT NOT NULL,
	asked_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
