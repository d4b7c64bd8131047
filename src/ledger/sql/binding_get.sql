SELECT bss, parent_tenant FROM binding
