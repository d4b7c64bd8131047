INSERT OR REPLACE INTO absent_tenants (tenant_id, run_id, asked_at) VALUES (:tenant_id, :run_id, :now)
