-- The rows that findings_resolve.sql has just resolved.
INSERT INTO finding_events (finding_id, run_id, event, at, detail)
SELECT finding_id, :run_id, 'resolved', :now, resolved_how FROM findings
WHERE resolved_run = :run_id AND resolved_run <> '' AND state = 'resolved'
