SELECT account_id, item_key, decision, parked_as, tenant_id, note, who, decided_at
FROM decisions WHERE item_key = :item_key ORDER BY id
