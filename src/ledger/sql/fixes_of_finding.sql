SELECT * FROM fixes WHERE finding_id = :finding_id ORDER BY updated_at, run_id
