SELECT run_id, number, planned, done, failed, parked, started_at, ended_at
FROM batches WHERE run_id = :run_id ORDER BY number
