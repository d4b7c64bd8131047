-- Schema version 14. A lock that is also a lock file in the kernel: of one that is not (0, a program from before there was
-- that file) the process alone tells whether its run is at work.
ALTER TABLE locks ADD COLUMN by_file INTEGER NOT NULL DEFAULT 0;
