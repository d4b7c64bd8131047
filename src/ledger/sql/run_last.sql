SELECT run_id, job, command, folder, job_path, started_at, ended_at, exit_status, changes, document
FROM runs ORDER BY sequence DESC LIMIT 1
