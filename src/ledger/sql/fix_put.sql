INSERT INTO fixes (run_id, finding_id, found_in, code, change, account_id, account, subscription_id, tenant_id, was, wanted,
	currency, money, state, reason, text, batch, updated_at)
VALUES (:run_id, :finding_id, :found_in, :code, :change, :account_id, :account, :subscription_id, :tenant_id, :was, :wanted,
	:currency, :money, :state, :reason, :text, :batch, :now)
ON CONFLICT (run_id, finding_id) DO UPDATE SET state = excluded.state, reason = excluded.reason, text = excluded.text,
	batch = excluded.batch, updated_at = excluded.updated_at
