UPDATE locks SET heartbeat = :now WHERE job = :job AND run_id = :run_id
