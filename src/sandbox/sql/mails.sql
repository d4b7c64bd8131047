SELECT at, login, email, user_id, tenant_id FROM mails ORDER BY login, seq
