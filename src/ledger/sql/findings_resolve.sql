UPDATE findings AS f SET state = 'resolved'
WHERE state IN ('open', 'acknowledged') AND account_id NOT IN (SELECT account_id FROM not_compared)
	AND NOT EXISTS (SELECT 1 FROM run_findings AS r WHERE r.run_id = :run_id AND r.finding_id = f.finding_id)
