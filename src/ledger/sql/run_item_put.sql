-- How an item stood in a run, without a change to the item itself.
INSERT OR REPLACE INTO run_items (account_id, key, order_id, item_id, account, login, subscription_id, tenant_id, user_id, tier,
	currency, digest, reason, text, run_id, source, start_date, line, action, state, step, batch, attempts, updated_at,
	received_at, executed_at, ordered_at,
	ordered_action, ordered_product, ordered_tier, parent_order_id, content, blocker)
VALUES (:account_id, :key, :order_id, :item_id, :account, :login, :subscription_id, :tenant_id, :user_id, :tier, :currency,
	:digest, :reason, :text, :run_id, :source, :start_date, :line, :action, :state, :step, :batch, :attempts, :now,
	:received_at, :executed_at, :ordered_at,
	:ordered_action, :ordered_product, :ordered_tier, :parent_order_id, :content, :blocker)
