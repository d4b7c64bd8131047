SELECT * FROM findings WHERE resolved_run = :run_id AND resolved_run <> '' AND state = 'resolved'
ORDER BY CASE severity WHEN 'high' THEN 0 WHEN 'medium' THEN 1 WHEN 'low' THEN 2 ELSE 3 END, account_id, code, object
