INSERT OR REPLACE INTO batches (run_id, number, planned, done, failed, parked, started_at, ended_at)
VALUES (:run_id, :number, :planned, :done, :failed, :parked, :started_at, :ended_at)
