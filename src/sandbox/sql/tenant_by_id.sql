SELECT * FROM tenant_row WHERE id = ?1
