SELECT r.run_id, r.job, r.command, r.folder, r.job_path, r.started_at, r.ended_at, r.exit_status, r.changes, r.document
FROM audits a JOIN runs r ON r.run_id = a.run_id
WHERE a.number = 0 AND r.job = :job ORDER BY r.sequence
