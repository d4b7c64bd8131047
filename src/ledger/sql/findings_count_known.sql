SELECT count(*) FROM run_findings WHERE run_id = :run_id AND news = 'known'
