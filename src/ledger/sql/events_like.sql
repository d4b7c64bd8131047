SELECT count(*) FROM events WHERE event = :event AND detail = :detail
