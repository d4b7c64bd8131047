WITH RECURSIVE up (id, parent_id, enabled, deleted) AS (
  SELECT id, parent_id, enabled, deleted FROM tenants WHERE id = ?1
  UNION SELECT t.id, t.parent_id, t.enabled, t.deleted FROM tenants t JOIN up ON t.id = up.parent_id)
SELECT 1 FROM up WHERE enabled = 0 OR deleted <> 0 LIMIT 1
