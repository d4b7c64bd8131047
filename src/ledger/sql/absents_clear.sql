DELETE FROM absent_tenants
