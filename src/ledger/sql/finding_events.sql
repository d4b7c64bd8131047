SELECT finding_id, run_id, event, who, detail, at FROM finding_events WHERE finding_id = :finding_id ORDER BY id
