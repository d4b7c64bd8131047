INSERT OR REPLACE INTO tenants (account_id, tenant_id, login, item_key, subscription_id, user_id, tier, updated_at)
VALUES (:account_id, :tenant_id, :login, :item_key, :subscription_id, :user_id, :tier, :now)
