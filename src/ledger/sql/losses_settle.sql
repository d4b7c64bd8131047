-- The clock is where it was when the last dated row was put, or later: what was put meanwhile happened before now.
UPDATE losses SET at = :now, behind = 0
WHERE behind = 1 AND :now >= (SELECT coalesce(max(at), 0) FROM losses WHERE behind = 0)
