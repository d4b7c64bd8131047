UPDATE losses SET at = :now, behind = 0 WHERE behind = 1 OR at > :now
