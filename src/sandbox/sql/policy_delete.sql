UPDATE policies SET deleted = ?2, updated = ?2, version = version + 1 WHERE id = ?1
