SELECT * FROM items WHERE state = :state ORDER BY key
