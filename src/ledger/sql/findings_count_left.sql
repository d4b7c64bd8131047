-- What is neither resolved nor put by this run: its account was not compared.
SELECT count(*) FROM findings AS f WHERE state IN ('open', 'acknowledged', 'timing')
	AND NOT EXISTS (SELECT 1 FROM run_findings AS r WHERE r.run_id = :run_id AND r.finding_id = f.finding_id)
