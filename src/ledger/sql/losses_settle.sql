-- The clock is where an earlier run has seen it, or later: what was put meanwhile happened before now.
UPDATE losses SET at = :now, behind = 0 WHERE behind = 1 AND :now >= (SELECT at FROM loss_clock)
