INSERT OR REPLACE INTO run_findings SELECT * FROM findings WHERE finding_id = :finding_id
