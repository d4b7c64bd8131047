select order_item_id, outcome, detail from tenantry.fail_subscriptions($1::pg_catalog.jsonb)
