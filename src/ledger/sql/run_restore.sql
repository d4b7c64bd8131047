INSERT INTO runs (run_id, job, command, folder, job_path, started_at, ended_at, exit_status, changes, document)
VALUES (:run_id, :job, :command, :folder, :job_path, :started_at, :ended_at, :exit_status, :changes, :document)
