INSERT OR IGNORE INTO bindings (tenant_id, application_id) VALUES (?1, ?2)
