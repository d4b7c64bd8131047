SELECT state FROM items WHERE key = :key
