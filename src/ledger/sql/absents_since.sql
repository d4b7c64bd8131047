SELECT tenant_id FROM absent_tenants WHERE asked_at > :since AND asked_at <= :now ORDER BY tenant_id
