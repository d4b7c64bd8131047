SELECT key, order_id, item_id FROM items
