SELECT id, run_id, role, name, login, manifest, '' AS document, signed_at, withdrawn_at, withdrawn_by, withdrawn_reason
FROM signatures WHERE withdrawn_at = 0 ORDER BY id
