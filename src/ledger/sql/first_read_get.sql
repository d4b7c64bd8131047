SELECT min(at) FROM (
	SELECT at FROM first_reads WHERE key = :key
	UNION ALL SELECT received_at FROM items WHERE key = :key AND received_at > 0)
