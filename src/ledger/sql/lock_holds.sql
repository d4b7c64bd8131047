SELECT 1 FROM locks WHERE job = :job AND run_id = :run_id
