SELECT run_id, host, boot_id, pid, process_start, heartbeat, by_file FROM locks WHERE job = :job
