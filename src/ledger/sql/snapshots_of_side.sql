-- Newest run first. A run that did not end has exit_status -1.
SELECT run_id, side, file, digest, rows, taken_at, source, parent, api_timestamp, full_at, others, months, removed_at,
       folder, job, exit_status
FROM snapshots JOIN runs USING (run_id)
WHERE side = :side AND (:run_id = '' OR run_id = :run_id) ORDER BY sequence DESC
