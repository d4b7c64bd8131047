INSERT OR REPLACE INTO settings (tenant_id, name, value, lock, exclusive) VALUES (?1, ?2, ?3, ?4, ?5)
