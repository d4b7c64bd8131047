UPDATE findings SET state = :state, owner = :owner, assigned = :assigned, note = :note, ack_reason = :ack_reason, ack_who = :ack_who,
	ack_until = :ack_until, ack_severity = :ack_severity, ack_currency = :ack_currency, ack_money = :ack_money, ack_sides = :ack_sides,
	ack_at = :ack_at
WHERE finding_id = :finding_id
