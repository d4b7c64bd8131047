-- Schema version 4. When the BSS says that an item was ordered (milliseconds, 0 not known): an order that is parked is read
-- from the ledger in later nights, and its age must stay what it was.
ALTER TABLE items ADD COLUMN ordered_at INTEGER NOT NULL DEFAULT 0;
ALTER TABLE run_items ADD COLUMN ordered_at INTEGER NOT NULL DEFAULT 0;
