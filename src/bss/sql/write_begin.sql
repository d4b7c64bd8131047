select order_item_id, outcome, detail from tenantry.begin_subscriptions($1::jsonb, $2::text[])
