UPDATE steps SET outcome_at = :now, outcome = :outcome, status = :status, object_id = :object_id, detail = :detail
WHERE id = :id
