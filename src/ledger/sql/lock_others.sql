SELECT job, run_id, host, boot_id, pid, process_start, heartbeat, taken_at FROM locks
WHERE run_id <> :run_id ORDER BY job <> :job, job
