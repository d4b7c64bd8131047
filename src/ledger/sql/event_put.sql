INSERT INTO events (run_id, at, event, item_key, detail, reason) VALUES (:run_id, :now, :event, :item_key, :detail, :reason)
