SELECT run_id, host, boot_id, pid, process_start, heartbeat FROM locks WHERE job = :job
