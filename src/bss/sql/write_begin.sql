select order_item_id, outcome, detail from tenantry.begin_subscriptions($1::pg_catalog.jsonb, $2::pg_catalog.text[])
