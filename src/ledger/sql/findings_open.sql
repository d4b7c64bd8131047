SELECT * FROM findings WHERE state IN ('open', 'acknowledged', 'timing')
ORDER BY CASE severity WHEN 'high' THEN 0 WHEN 'medium' THEN 1 WHEN 'low' THEN 2 ELSE 3 END, account_id, code, object
