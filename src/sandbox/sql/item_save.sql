INSERT OR REPLACE INTO items (tenant_id, item, status, value, overage, version, updated)
VALUES (?1, ?2, ?3, CASE WHEN ?4 THEN ?5 END, CASE WHEN ?6 THEN ?7 END, ?8, ?9)
