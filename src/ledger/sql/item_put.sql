INSERT INTO items (account_id, key, order_id, item_id, account, login, subscription_id, tenant_id, user_id, tier, currency,
	digest, reason, text, run_id, source, start_date, line, action, state, step, batch, attempts, updated_at,
	received_at, executed_at, ordered_at,
	ordered_action, ordered_product, ordered_tier, parent_order_id, content, blocker)
VALUES (:account_id, :key, :order_id, :item_id, :account, :login, :subscription_id, :tenant_id, :user_id, :tier, :currency,
	:digest, :reason, :text, :run_id, :source, :start_date, :line, :action, :state, :step, :batch, :attempts, :now,
	:received_at, :executed_at, :ordered_at,
	:ordered_action, :ordered_product, :ordered_tier, :parent_order_id, :content, :blocker)
ON CONFLICT (key) DO UPDATE SET
	account_id = excluded.account_id, order_id = excluded.order_id, item_id = excluded.item_id,
	account = excluded.account, login = excluded.login, subscription_id = excluded.subscription_id,
	tenant_id = excluded.tenant_id, user_id = excluded.user_id, tier = excluded.tier, currency = excluded.currency,
	digest = excluded.digest, reason = excluded.reason, text = excluded.text, run_id = excluded.run_id,
	source = excluded.source, start_date = excluded.start_date, line = excluded.line, action = excluded.action,
	state = excluded.state, step = excluded.step, batch = excluded.batch, attempts = excluded.attempts,
	updated_at = excluded.updated_at, executed_at = excluded.executed_at, ordered_at = excluded.ordered_at,
	ordered_action = excluded.ordered_action, ordered_product = excluded.ordered_product,
	ordered_tier = excluded.ordered_tier, parent_order_id = excluded.parent_order_id, content = excluded.content,
	blocker = excluded.blocker
