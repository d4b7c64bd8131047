SELECT id, run_id, at, event, item_key, detail, reason FROM events WHERE audited_in = :run_id ORDER BY id
