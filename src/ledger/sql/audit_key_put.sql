INSERT OR IGNORE INTO audit_key (one, key) VALUES (1, :key)
