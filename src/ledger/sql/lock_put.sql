INSERT OR REPLACE INTO locks (job, run_id, host, boot_id, pid, process_start, heartbeat, taken_at, by_file)
VALUES (:job, :run_id, :host, :boot_id, :pid, :process_start, :now, :now, 1)
