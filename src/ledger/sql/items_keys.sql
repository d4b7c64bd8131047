SELECT key, order_id FROM items
