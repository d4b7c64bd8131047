INSERT INTO audits (run_id) VALUES (:run_id)
