SELECT status, value, overage, version, updated FROM items WHERE tenant_id = ?1 AND item = ?2
