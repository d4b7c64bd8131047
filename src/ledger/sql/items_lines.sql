-- Items whose id of their own is not their key. The conditions are those of the index.
SELECT * FROM items WHERE item_id = :item_id AND item_id <> '' AND substr(key, instr(key, '/') + 1) <> item_id ORDER BY key
