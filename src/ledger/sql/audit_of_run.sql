SELECT a.run_id, a.number, a.prev, a.head, a.lines, a.closed_by,
	coalesce((SELECT b.head FROM audits b WHERE b.number = a.number - 1 AND b.number > 0), ''),
	coalesce((SELECT b.run_id FROM audits b WHERE b.number = a.number - 1 AND b.number > 0), ''),
	coalesce((SELECT b.prev FROM audits b WHERE b.number = a.number + 1), ''),
	coalesce((SELECT b.run_id FROM audits b WHERE b.number = a.number + 1), '')
FROM audits a WHERE a.run_id = :run_id
