INSERT INTO decisions (account_id, item_key, decision, parked_as, tenant_id, note, who, decided_at)
VALUES (:account_id, :item_key, :decision, :parked_as, :tenant_id, :note, :who, :now)
