INSERT INTO signatures (run_id, role, name, login, manifest, document, signed_at)
VALUES (:run_id, :role, :name, :login, :manifest, :document, :now)
