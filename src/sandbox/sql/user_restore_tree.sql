UPDATE users SET deleted = 0, updated = ?3, version = version + 1,
  login = CASE WHEN EXISTS (SELECT 1 FROM users other WHERE other.login_key = users.login_key AND other.deleted = 0)
    THEN login || '_restored' || seq ELSE login END,
  login_key = CASE WHEN EXISTS (SELECT 1 FROM users other WHERE other.login_key = users.login_key AND other.deleted = 0)
    THEN login_key || '_restored' || seq ELSE login_key END
WHERE deleted = ?2 AND tenant_id IN
  (SELECT id FROM tenants WHERE path >= ?1 AND path < substr(?1, 1, length(?1) - 1) || '0')
