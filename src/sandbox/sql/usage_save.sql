INSERT OR REPLACE INTO usages (tenant_id, item, value) VALUES (?1, ?2, ?3)
