SELECT at FROM imports WHERE key = :key
