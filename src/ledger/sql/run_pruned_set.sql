UPDATE runs SET pruned_at = :now WHERE run_id = :run_id AND pruned_at = 0
