SELECT * FROM items WHERE key = :key
