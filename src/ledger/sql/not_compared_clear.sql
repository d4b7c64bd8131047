DELETE FROM not_compared
