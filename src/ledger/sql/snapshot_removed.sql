UPDATE snapshots SET removed_at = :now WHERE run_id = :run_id AND removed_at = 0
