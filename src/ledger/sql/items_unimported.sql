SELECT * FROM items AS i
WHERE state = 'done' AND (action <> 'new' OR NOT EXISTS (SELECT 1 FROM imports AS m WHERE m.key = i.key AND m.at <= :until))
ORDER BY key
