-- The finding as it stands, and whether this run has put it already.
SELECT *, EXISTS (SELECT 1 FROM run_findings AS r WHERE r.run_id = :run_id AND r.finding_id = :finding_id)
FROM findings WHERE finding_id = :finding_id
