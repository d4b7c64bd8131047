UPDATE events SET audited_in = :run_id
WHERE audited_in = '' AND (run_id = :run_id OR run_id NOT IN (SELECT run_id FROM audits WHERE number = 0))
