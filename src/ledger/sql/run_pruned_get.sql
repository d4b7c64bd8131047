SELECT pruned_at FROM runs WHERE run_id = :run_id
