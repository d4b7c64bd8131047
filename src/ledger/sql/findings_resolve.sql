-- A correction of this finding counts as the reason when it came after the finding was seen last.
-- A change of ours counts as the reason when it came after the finding was seen last, to its tenant or in an order of its account.
UPDATE findings AS f SET state = 'resolved', resolved_at = :now, resolved_run = :run_id, note = '',
	ack_reason = '', ack_who = '', ack_until = '', ack_severity = '', ack_currency = '', ack_money = '', ack_sides = '', ack_at = 0,
	resolved_how = CASE WHEN EXISTS (SELECT 1 FROM fixes AS x WHERE x.finding_id = f.finding_id AND x.state = 'done'
			AND x.updated_at >= f.last_seen)
		THEN 'own-fix' WHEN
		EXISTS (SELECT 1 FROM steps AS s WHERE f.tenant_id <> '' AND s.target <> '' AND s.target = f.tenant_id
			AND s.outcome_at > f.last_seen AND s.outcome IN ('ok', 'settled'))
		OR EXISTS (SELECT 1 FROM steps AS s WHERE f.account_id <> '' AND s.account_id <> '' AND s.account_id = f.account_id
			AND s.outcome_at > f.last_seen AND s.outcome IN ('ok', 'settled'))
		THEN 'own-change' ELSE 'gone' END
WHERE state IN ('open', 'acknowledged', 'timing') AND account_id NOT IN (SELECT account_id FROM not_compared)
	AND NOT EXISTS (SELECT 1 FROM run_findings AS r WHERE r.run_id = :run_id AND r.finding_id = f.finding_id)
