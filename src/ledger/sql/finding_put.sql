INSERT INTO findings (account_id, finding_id, run_id, code, severity, owner, state, account, subscription_id, tenant_id,
	object, expected, bss, acronis, currency, money, sentence, evidence, first_seen, last_seen, runs_open,
	tier, report_money, report_currency, news, opened_at, cycles_open, times_reopened,
	resolved_at, resolved_run, resolved_how, assigned, note, ack_reason, ack_who, ack_until,
	ack_severity, ack_currency, ack_money, ack_sides, ack_at)
VALUES (:account_id, :finding_id, :run_id, :code, :severity, :owner, :state, :account, :subscription_id, :tenant_id,
	:object, :expected, :bss, :acronis, :currency, :money, :sentence, :evidence, :first_seen, :last_seen, :runs_open,
	:tier, :report_money, :report_currency, :news, :opened_at, :cycles_open, :times_reopened,
	:resolved_at, :resolved_run, :resolved_how, :assigned, :note, :ack_reason, :ack_who, :ack_until,
	:ack_severity, :ack_currency, :ack_money, :ack_sides, :ack_at)
ON CONFLICT (finding_id) DO UPDATE SET
	account_id = excluded.account_id, run_id = excluded.run_id, code = excluded.code,
	severity = excluded.severity, owner = excluded.owner, state = excluded.state, account = excluded.account,
	subscription_id = excluded.subscription_id, tenant_id = excluded.tenant_id, object = excluded.object,
	expected = excluded.expected, bss = excluded.bss, acronis = excluded.acronis, currency = excluded.currency,
	money = excluded.money, sentence = excluded.sentence, evidence = excluded.evidence,
	last_seen = excluded.last_seen, runs_open = excluded.runs_open, tier = excluded.tier,
	report_money = excluded.report_money, report_currency = excluded.report_currency, news = excluded.news,
	opened_at = excluded.opened_at, cycles_open = excluded.cycles_open, times_reopened = excluded.times_reopened,
	resolved_at = excluded.resolved_at, resolved_run = excluded.resolved_run,
	resolved_how = excluded.resolved_how, assigned = excluded.assigned, note = excluded.note,
	ack_reason = excluded.ack_reason, ack_who = excluded.ack_who, ack_until = excluded.ack_until,
	ack_severity = excluded.ack_severity, ack_currency = excluded.ack_currency, ack_money = excluded.ack_money,
	ack_sides = excluded.ack_sides, ack_at = excluded.ack_at
