SELECT key FROM audit_key
