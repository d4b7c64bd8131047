-- For a handle that writes. WAL lets reports read while a run writes.
-- synchronous = FULL syncs the log at each commit: an intent must survive a power cut before its call leaves, or the next
-- run would not know that a tenant may have been made or a mail sent. NORMAL may lose the last commits.
PRAGMA journal_mode = WAL;
PRAGMA synchronous = FULL;
PRAGMA foreign_keys = ON;
-- A night puts tens of thousands of findings into one transaction, all over their indexes: what is touched stays at hand, and
-- what a statement would undo is kept in memory instead of in a file. KiB.
PRAGMA cache_size = -32768;
PRAGMA temp_store = MEMORY;
-- The accounts that findings_resolve.sql leaves alone, for the length of one call.
CREATE TEMP TABLE not_compared (account_id TEXT PRIMARY KEY) STRICT, WITHOUT ROWID;
