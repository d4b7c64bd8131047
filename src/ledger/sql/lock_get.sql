SELECT run_id, host, boot_id, pid, process_start, heartbeat, taken_at FROM locks WHERE job = :job
