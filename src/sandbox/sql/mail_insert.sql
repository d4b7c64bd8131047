INSERT INTO mails (at, login, email, user_id, tenant_id) VALUES (?1, ?2, ?3, ?4, ?5)
