SELECT * FROM fixes WHERE run_id = :run_id ORDER BY account_id, finding_id
