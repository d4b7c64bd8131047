PRAGMA user_version = 1;
CREATE TABLE tenants (
  seq INTEGER PRIMARY KEY,
  id TEXT NOT NULL UNIQUE,
  parent_id TEXT NOT NULL,
  path TEXT NOT NULL,
  level INTEGER NOT NULL,
  kind TEXT NOT NULL,
  name TEXT NOT NULL,
  name_key TEXT NOT NULL,
  version INTEGER NOT NULL,
  enabled INTEGER NOT NULL,
  customer_type TEXT NOT NULL,
  customer_id TEXT,
  internal_tag TEXT,
  language TEXT NOT NULL,
  contact TEXT NOT NULL,
  billing_contact TEXT,
  default_idp_id TEXT NOT NULL,
  operation_status TEXT,
  update_lock INTEGER NOT NULL,
  ancestral_access INTEGER NOT NULL,
  mfa INTEGER NOT NULL,
  enhanced_security INTEGER NOT NULL,
  lock_owner TEXT,
  created INTEGER NOT NULL,
  updated INTEGER NOT NULL,
  deleted INTEGER NOT NULL,
  pricing_mode TEXT NOT NULL,
  currency TEXT,
  pricing_version INTEGER NOT NULL,
  production_start INTEGER NOT NULL
);
CREATE INDEX tenants_parent ON tenants (parent_id, seq);
CREATE INDEX tenants_name ON tenants (parent_id, name_key);
CREATE INDEX tenants_level ON tenants (level, seq);
CREATE VIEW tenant_row AS
  SELECT seq, id, parent_id, path, level, kind, name, version, enabled,
    EXISTS (SELECT 1 FROM tenants child WHERE child.parent_id = tenants.id AND child.deleted = 0 AND child.id <> tenants.id)
      AS has_children,
    customer_type, customer_id, internal_tag, language, contact, billing_contact, default_idp_id, operation_status,
    update_lock, ancestral_access, mfa, enhanced_security, lock_owner, created, updated, deleted,
    pricing_mode, currency, pricing_version, production_start
  FROM tenants;
CREATE TABLE users (
  seq INTEGER PRIMARY KEY,
  id TEXT NOT NULL UNIQUE,
  tenant_id TEXT NOT NULL,
  login TEXT NOT NULL,
  login_key TEXT NOT NULL,
  version INTEGER NOT NULL,
  enabled INTEGER NOT NULL,
  activated INTEGER NOT NULL,
  external_id TEXT,
  idp_id TEXT NOT NULL,
  language TEXT NOT NULL,
  business_types TEXT NOT NULL,
  notifications TEXT NOT NULL,
  contact TEXT NOT NULL,
  origin_id TEXT,
  origin_external_id TEXT,
  disable_after TEXT,
  mails INTEGER NOT NULL,
  created INTEGER NOT NULL,
  updated INTEGER NOT NULL,
  deleted INTEGER NOT NULL
);
CREATE INDEX users_tenant ON users (tenant_id, seq);
CREATE UNIQUE INDEX users_login ON users (login_key) WHERE deleted = 0;
CREATE VIEW user_row AS
  SELECT users.seq, users.id, users.tenant_id, users.login, users.version, users.enabled, users.activated,
    users.external_id, users.idp_id, users.language, users.business_types, users.notifications, users.contact,
    users.origin_id, users.origin_external_id, users.disable_after, users.mails, users.created, users.updated,
    users.deleted, tenants.path
  FROM users JOIN tenants ON tenants.id = users.tenant_id;
CREATE TABLE policies (
  id TEXT PRIMARY KEY,
  user_id TEXT NOT NULL,
  tenant_id TEXT NOT NULL,
  role_id TEXT NOT NULL,
  trustee_type TEXT NOT NULL,
  issuer_id TEXT NOT NULL,
  version INTEGER NOT NULL,
  created INTEGER NOT NULL,
  updated INTEGER NOT NULL,
  deleted INTEGER NOT NULL
) WITHOUT ROWID;
CREATE INDEX policies_user ON policies (user_id);
CREATE TABLE mails (
  seq INTEGER PRIMARY KEY,
  at INTEGER NOT NULL,
  login TEXT NOT NULL,
  email TEXT NOT NULL,
  user_id TEXT NOT NULL,
  tenant_id TEXT NOT NULL
);
CREATE TABLE items (
  tenant_id TEXT NOT NULL,
  item INTEGER NOT NULL,
  status INTEGER NOT NULL,
  value INTEGER,
  overage INTEGER,
  version INTEGER NOT NULL,
  updated INTEGER NOT NULL,
  PRIMARY KEY (tenant_id, item)
) WITHOUT ROWID;
CREATE TABLE bindings (
  tenant_id TEXT NOT NULL,
  application_id TEXT NOT NULL,
  PRIMARY KEY (tenant_id, application_id)
) WITHOUT ROWID;
CREATE TABLE settings (
  tenant_id TEXT NOT NULL,
  name TEXT NOT NULL,
  value TEXT NOT NULL,
  lock INTEGER NOT NULL,
  exclusive INTEGER NOT NULL,
  PRIMARY KEY (tenant_id, name)
) WITHOUT ROWID;
CREATE TABLE usages (
  tenant_id TEXT NOT NULL,
  item INTEGER NOT NULL,
  value INTEGER NOT NULL,
  PRIMARY KEY (tenant_id, item)
) WITHOUT ROWID;
CREATE TABLE clients (
  seq INTEGER PRIMARY KEY,
  id TEXT NOT NULL UNIQUE,
  secret TEXT NOT NULL,
  tenant_id TEXT NOT NULL,
  auth_method TEXT NOT NULL,
  data TEXT NOT NULL,
  created_by TEXT NOT NULL,
  created INTEGER NOT NULL,
  last_access INTEGER NOT NULL,
  enabled INTEGER NOT NULL
);
CREATE TABLE tokens (
  text TEXT PRIMARY KEY,
  client_id TEXT NOT NULL,
  tenant_id TEXT NOT NULL,
  use TEXT NOT NULL,
  expires INTEGER NOT NULL
) WITHOUT ROWID;
