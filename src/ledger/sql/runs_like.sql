-- The run itself, or all that begin so; the run itself comes first. char(1114111) sorts after every character.
SELECT run_id, job, command, folder, job_path, started_at, ended_at, exit_status, changes, document
FROM runs WHERE run_id >= :run_id AND run_id < :run_id || char(1114111) ORDER BY run_id
