SELECT value FROM usages WHERE tenant_id = ?1 AND item = ?2
