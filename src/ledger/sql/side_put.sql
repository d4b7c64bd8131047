INSERT OR REPLACE INTO sides (run_id, side, rows, path, digest, seen_at)
VALUES (:run_id, :side, :rows, :path, :digest, :now)
