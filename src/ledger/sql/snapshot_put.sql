INSERT OR REPLACE INTO snapshots (run_id, side, file, digest, rows, taken_at, source, parent, api_timestamp, full_at, others, months)
VALUES (:run_id, :side, :file, :digest, :rows, :taken_at, :source, :parent, :api_timestamp, :full_at, :others, :months)
