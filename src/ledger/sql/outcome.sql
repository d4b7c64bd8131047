-- What an audit has shown already is to be shown again in the next one, as it stands now.
UPDATE steps SET outcome_at = :now, outcome = :outcome, status = :status, object_id = :object_id, detail = :detail,
	version_after = :version_after, audited_in = ''
WHERE id = :id
