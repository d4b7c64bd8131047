UPDATE audits SET number = (SELECT max(number) + 1 FROM audits), prev = :prev, head = :head, lines = :lines,
	closed_by = :closed_by
WHERE run_id = :run_id AND number = 0
