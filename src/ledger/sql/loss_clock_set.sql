UPDATE loss_clock SET at = :now
