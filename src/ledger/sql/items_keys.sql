SELECT key FROM items
