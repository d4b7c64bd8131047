INSERT OR REPLACE INTO pause (one, noted_at, until_at) VALUES (1, :now, :until)
