UPDATE runs SET ended_at = :now, exit_status = :exit_status, changes = :changes, document = :document
WHERE run_id = :run_id
