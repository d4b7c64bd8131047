SELECT job, run_id, host, boot_id, pid, process_start, heartbeat, by_file, taken_at FROM locks
WHERE run_id <> :run_id ORDER BY job <> :job, job
