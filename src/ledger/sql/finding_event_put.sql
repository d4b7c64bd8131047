INSERT INTO finding_events (finding_id, run_id, event, at) VALUES (:finding_id, :run_id, :event, :now)
