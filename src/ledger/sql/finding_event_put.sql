INSERT INTO finding_events (finding_id, run_id, event, at, who, detail) VALUES (:finding_id, :run_id, :event, :now, :who, :detail)
