UPDATE signatures SET withdrawn_at = :now, withdrawn_by = :login, withdrawn_reason = :reason WHERE id = :id AND withdrawn_at = 0
