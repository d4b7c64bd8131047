-- The rows that findings_resolve.sql has just resolved; of a correction of ours, the run that made it.
INSERT INTO finding_events (finding_id, run_id, event, at, detail)
SELECT finding_id, :run_id, 'resolved', :now, resolved_how || CASE WHEN resolved_how <> 'own-fix' THEN '' ELSE ' ' || (
	SELECT x.run_id FROM fixes AS x WHERE x.finding_id = f.finding_id AND x.state = 'done' AND x.updated_at >= f.last_seen
	ORDER BY x.updated_at DESC LIMIT 1) END
FROM findings AS f
WHERE resolved_run = :run_id AND resolved_run <> '' AND state = 'resolved'
