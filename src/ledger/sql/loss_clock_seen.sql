UPDATE loss_clock SET at = max(at, :now)
