INSERT OR IGNORE INTO imports (key, at) VALUES (:key, :at)
