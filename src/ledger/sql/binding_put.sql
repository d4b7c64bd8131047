INSERT INTO binding (one, bss, parent_tenant) VALUES (1, :bss, :parent_tenant)
