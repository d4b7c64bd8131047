-- Schema version 9. When a run's folder was removed on purpose: one that is gone without that was taken.
ALTER TABLE runs ADD COLUMN pruned_at INTEGER NOT NULL DEFAULT 0;
