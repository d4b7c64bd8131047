-- By both ids, whatever the key was made of.
SELECT * FROM items WHERE order_id = :order_id AND item_id = :item_id ORDER BY key
