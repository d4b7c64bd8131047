select order_item_id, outcome, detail from tenantry.activate_subscriptions($1::jsonb, $2::text[])
