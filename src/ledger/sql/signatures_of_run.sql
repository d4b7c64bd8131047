SELECT id, run_id, role, name, login, manifest, document, signed_at, withdrawn_at, withdrawn_by, withdrawn_reason
FROM signatures WHERE run_id = :run_id ORDER BY id
