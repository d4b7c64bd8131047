SELECT 1 FROM bindings WHERE tenant_id = ?1 AND application_id = ?2
