SELECT finding_id, run_id, event, at FROM finding_events WHERE finding_id = :finding_id ORDER BY id
