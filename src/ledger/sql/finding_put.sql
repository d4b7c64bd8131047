INSERT INTO findings (account_id, finding_id, run_id, code, severity, owner, state, account, subscription_id, tenant_id,
	object, expected, bss, acronis, currency, money, sentence, evidence, first_seen, last_seen, runs_open)
VALUES (:account_id, :finding_id, :run_id, :code, :severity, :owner, :state, :account, :subscription_id, :tenant_id,
	:object, :expected, :bss, :acronis, :currency, :money, :sentence, :evidence, :first_seen, :last_seen, :runs_open)
ON CONFLICT (finding_id) DO UPDATE SET
	account_id = excluded.account_id, run_id = excluded.run_id, code = excluded.code, severity = excluded.severity,
	owner = excluded.owner, state = excluded.state, account = excluded.account,
	subscription_id = excluded.subscription_id, tenant_id = excluded.tenant_id, object = excluded.object,
	expected = excluded.expected, bss = excluded.bss, acronis = excluded.acronis, currency = excluded.currency,
	money = excluded.money, sentence = excluded.sentence, evidence = excluded.evidence,
	last_seen = excluded.last_seen, runs_open = excluded.runs_open
