UPDATE losses SET at = max(:now, (SELECT at FROM loss_clock)), behind = :now < (SELECT at FROM loss_clock) - 600000
WHERE key = :key AND kind = :kind AND to_tier = :to_tier AND counted = 1 AND later = 0 AND (behind = 1 OR at > :since)
