SELECT state, digest FROM items WHERE key = :key
