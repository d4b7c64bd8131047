-- Exit status 0 and 1 are runs that got to their end; after any other the numbers may be those of a cut source.
SELECT rows, seen_at FROM runs JOIN sides USING (run_id)
WHERE side = :side AND exit_status IN (0, 1) ORDER BY sequence DESC LIMIT 1
