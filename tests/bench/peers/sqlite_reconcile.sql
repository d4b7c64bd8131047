-- The comparison of duckdb_reconcile.sql for SQLite: tables are put in the order of the key before they are joined.
.bail on
PRAGMA synchronous = off;
CREATE TABLE s0 (subscription_id TEXT, external_id TEXT, account_id TEXT, account TEXT, username TEXT, tier TEXT, status TEXT, quantity TEXT,
  currency TEXT, start_date TEXT, end_date TEXT, ramp_up_months TEXT, is_trial TEXT, sync_status TEXT, updated_at TEXT);
CREATE TABLE t0 (tenant_id TEXT, parent_id TEXT, customer_id TEXT, internal_tag TEXT, name TEXT, kind TEXT, enabled TEXT, tier_value TEXT,
  licensing_mode TEXT, currency TEXT, pricing_mode TEXT, login TEXT, updated_at TEXT, deleted_at TEXT);
.mode csv
.import --csv --skip 1 @DATA@/subscriptions.csv s0
.import --csv --skip 1 @DATA@/tenants.csv t0
CREATE TABLE s AS SELECT account_id, subscription_id, external_id, status, currency, username,
    CASE tier WHEN 'Tier 0' THEN '-1' ELSE CAST(CAST(substr(tier, 6) AS INTEGER) - 1 AS TEXT) END AS tier FROM s0 ORDER BY account_id;
CREATE TABLE t AS SELECT customer_id AS account_id, tenant_id, enabled, tier_value AS tier, currency, pricing_mode, login FROM t0 ORDER BY customer_id;
CREATE INDEX s_by_account ON s (account_id, status);
CREATE INDEX t_by_account ON t (account_id);
CREATE TABLE j AS SELECT s.account_id, s.subscription_id, s.status, s.tier, s.currency, s.username, t.tenant_id, t.enabled, t.tier AS value,
    t.currency AS priced, t.pricing_mode, t.login
  FROM s CROSS JOIN t ON t.account_id = s.account_id WHERE s.status <> 'Cancelled' AND (s.tier <> t.tier OR s.currency <> t.currency
    OR (s.status = 'Active') <> (t.enabled = 'true') OR lower(s.username) <> lower(t.login) OR t.pricing_mode = 'trial');
CREATE TABLE o AS SELECT t.tenant_id, t.account_id, t.enabled,
    (SELECT min(subscription_id) FROM s WHERE s.account_id = t.account_id AND status = 'Cancelled') AS subscription_id
  FROM t WHERE NOT EXISTS (SELECT 1 FROM s WHERE s.account_id = t.account_id AND s.status <> 'Cancelled');
CREATE TABLE d AS SELECT account_id, subscription_id, row_number() OVER (PARTITION BY account_id ORDER BY external_id = '', status, subscription_id) AS n
  FROM s WHERE status <> 'Cancelled' AND account_id IN (SELECT account_id FROM s WHERE status <> 'Cancelled' GROUP BY 1 HAVING count(*) > 1);
CREATE TABLE e AS SELECT t.account_id, t.tenant_id,
    row_number() OVER (PARTITION BY t.account_id ORDER BY NOT EXISTS (SELECT 1 FROM s WHERE s.account_id = t.account_id AND s.external_id = t.tenant_id),
      enabled DESC, tenant_id) AS n
  FROM t WHERE account_id IN (SELECT account_id FROM t GROUP BY 1 HAVING count(*) > 1);
CREATE TABLE f AS
  SELECT account_id, 'tenant-missing' AS class, subscription_id, '' AS tenant_id FROM s
    WHERE status = 'Active' AND NOT EXISTS (SELECT 1 FROM t WHERE t.account_id = s.account_id)
  UNION ALL SELECT account_id, 'subscription-missing', '', tenant_id FROM o WHERE subscription_id IS NULL
  UNION ALL SELECT account_id, CASE enabled WHEN 'true' THEN 'cancelled-but-enabled' ELSE 'cancelled-but-present' END, subscription_id, tenant_id
    FROM o WHERE subscription_id IS NOT NULL
  UNION ALL SELECT account_id, CASE status WHEN 'Active' THEN 'active-but-disabled' ELSE 'suspended-but-enabled' END, subscription_id, tenant_id
    FROM j WHERE (status = 'Active') <> (enabled = 'true')
  UNION ALL SELECT account_id, 'tier-mismatch', subscription_id, tenant_id FROM j WHERE tier <> value
  UNION ALL SELECT account_id, 'currency-mismatch', subscription_id, tenant_id FROM j WHERE currency <> priced
  UNION ALL SELECT account_id, 'login-mismatch', subscription_id, tenant_id FROM j WHERE lower(username) <> lower(login)
  UNION ALL SELECT account_id, 'pricing-mode', subscription_id, tenant_id FROM j WHERE pricing_mode = 'trial'
  UNION ALL SELECT account_id, 'duplicate-subscription', subscription_id, '' FROM d WHERE n > 1
  UNION ALL SELECT account_id, 'duplicate-tenant', '', tenant_id FROM e WHERE n > 1;
.headers on
.mode list
.separator , "\n"
.once @OUT@/findings.csv
SELECT account_id AS "Account Id", class AS "Code", subscription_id AS "Subscription Id", tenant_id AS "Tenant Id" FROM f ORDER BY 1, 2, 3, 4;
.headers off
SELECT class, count(*) FROM f GROUP BY 1 ORDER BY 1;
