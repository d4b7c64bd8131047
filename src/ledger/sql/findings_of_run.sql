SELECT * FROM run_findings WHERE run_id = :run_id AND (:finding_id IS NULL OR finding_id = :finding_id)
ORDER BY CASE severity WHEN 'high' THEN 0 WHEN 'medium' THEN 1 WHEN 'low' THEN 2 ELSE 3 END, account_id, code, object
