SELECT account_id, tenant_id, login, item_key, subscription_id, user_id, tier FROM tenants ORDER BY account_id
