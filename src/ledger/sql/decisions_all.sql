SELECT account_id, item_key, decision, parked_as, tenant_id, note, who, decided_at
FROM decisions ORDER BY id
