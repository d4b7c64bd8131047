SELECT max(
  (SELECT coalesce(max(updated), 0) FROM tenants), (SELECT coalesce(max(updated), 0) FROM users),
  (SELECT coalesce(max(updated), 0) FROM items), (SELECT coalesce(max(at), 0) FROM mails))
