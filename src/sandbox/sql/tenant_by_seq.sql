SELECT * FROM tenant_row WHERE seq = ?1
