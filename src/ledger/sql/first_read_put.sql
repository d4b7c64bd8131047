INSERT INTO first_reads (key, at) VALUES (:key, :at)
