-- The comparison of reconcile_files in DuckDB: which account differs, in which class, about which subscription and tenant. Peers read
-- every column as text and keep those that the classes need. @DATA@ and @OUT@ are folders.
SET preserve_insertion_order = false;
CREATE TABLE s AS
  SELECT "Subscription Id" AS subscription_id, "Subscription External Id" AS external_id, "Account Id" AS account_id, Username AS username,
    CASE Tier WHEN 'Tier 0' THEN '-1' WHEN 'Tier 1' THEN '0' WHEN 'Tier 2' THEN '1' WHEN 'Tier 3' THEN '2' WHEN 'Tier 4' THEN '3'
      WHEN 'Tier 5' THEN '4' WHEN 'Tier 6' THEN '5' WHEN 'Tier 7' THEN '6' END AS tier, Status AS status, Currency AS currency
  FROM read_csv('@DATA@/subscriptions.csv', header = true, delim = ',', quote = '"', escape = '"', auto_detect = false, nullstr = '\N', columns = {
    'Subscription Id': 'VARCHAR', 'Subscription External Id': 'VARCHAR', 'Account Id': 'VARCHAR', 'Account': 'VARCHAR', 'Username': 'VARCHAR',
    'Tier': 'VARCHAR', 'Status': 'VARCHAR', 'Quantity': 'VARCHAR', 'Currency': 'VARCHAR', 'Start Date': 'VARCHAR', 'End Date': 'VARCHAR',
    'Ramp Up Months': 'VARCHAR', 'Is Trial': 'VARCHAR', 'Provisioning Sync Status': 'VARCHAR', 'Updated At': 'VARCHAR'});
CREATE TABLE t AS
  SELECT "Tenant Id" AS tenant_id, "Customer Id" AS account_id, Enabled AS enabled, "Tier Value" AS tier, Currency AS currency,
    "Pricing Mode" AS pricing_mode, Login AS login
  FROM read_csv('@DATA@/tenants.csv', header = true, delim = ',', quote = '"', escape = '"', auto_detect = false, nullstr = '\N', columns = {
    'Tenant Id': 'VARCHAR', 'Parent Id': 'VARCHAR', 'Customer Id': 'VARCHAR', 'Internal Tag': 'VARCHAR', 'Name': 'VARCHAR', 'Kind': 'VARCHAR',
    'Enabled': 'VARCHAR', 'Tier Value': 'VARCHAR', 'Licensing Mode': 'VARCHAR', 'Currency': 'VARCHAR', 'Pricing Mode': 'VARCHAR',
    'Login': 'VARCHAR', 'Updated At': 'VARCHAR', 'Deleted At': 'VARCHAR'});
-- What differs in a live pair, and what has no other side.
CREATE TABLE j AS
  SELECT l.*, t.tenant_id, t.account_id AS customer_id, t.enabled, t.tier AS value, t.currency AS priced, t.pricing_mode, t.login
  FROM (SELECT * FROM s WHERE status <> 'Cancelled') l FULL OUTER JOIN t ON l.account_id = t.account_id
  WHERE l.account_id IS NULL OR t.account_id IS NULL OR l.tier <> t.tier OR l.currency <> t.currency
    OR (l.status = 'Active') <> (t.enabled = 'true') OR lower(l.username) <> lower(t.login) OR t.pricing_mode = 'trial';
CREATE TABLE o AS
  SELECT j.tenant_id, j.customer_id, j.enabled, c.subscription_id FROM (SELECT * FROM j WHERE account_id IS NULL) j
  LEFT JOIN (SELECT account_id, min(subscription_id) AS subscription_id FROM s WHERE status = 'Cancelled' GROUP BY 1) c ON c.account_id = j.customer_id;
-- Of several, the one that is named by, or names, the other side is the contract's own; the others are duplicates.
CREATE TABLE d AS
  SELECT account_id, subscription_id, row_number() OVER (PARTITION BY account_id ORDER BY external_id = '', status, subscription_id) AS n
  FROM s WHERE status <> 'Cancelled' AND account_id IN (SELECT account_id FROM s WHERE status <> 'Cancelled' GROUP BY 1 HAVING count(*) > 1);
CREATE TABLE e AS
  SELECT t.account_id, t.tenant_id, row_number() OVER (PARTITION BY t.account_id ORDER BY s.external_id IS NULL, enabled DESC, tenant_id) AS n
  FROM (SELECT * FROM t WHERE account_id IN (SELECT account_id FROM t GROUP BY 1 HAVING count(*) > 1)) t
  LEFT JOIN s ON s.account_id = t.account_id AND s.external_id = t.tenant_id;
CREATE TABLE f AS
  SELECT account_id, 'tenant-missing' AS class, subscription_id, '' AS tenant_id FROM j WHERE customer_id IS NULL AND status = 'Active'
  UNION ALL SELECT customer_id, 'subscription-missing', '', tenant_id FROM o WHERE subscription_id IS NULL
  UNION ALL SELECT customer_id, if(enabled = 'true', 'cancelled-but-enabled', 'cancelled-but-present'), subscription_id, tenant_id
    FROM o WHERE subscription_id IS NOT NULL
  UNION ALL SELECT account_id, if(status = 'Active', 'active-but-disabled', 'suspended-but-enabled'), subscription_id, tenant_id
    FROM j WHERE (status = 'Active') <> (enabled = 'true')
  UNION ALL SELECT account_id, 'tier-mismatch', subscription_id, tenant_id FROM j WHERE tier <> value
  UNION ALL SELECT account_id, 'currency-mismatch', subscription_id, tenant_id FROM j WHERE currency <> priced
  UNION ALL SELECT account_id, 'login-mismatch', subscription_id, tenant_id FROM j WHERE lower(username) <> lower(login)
  UNION ALL SELECT account_id, 'pricing-mode', subscription_id, tenant_id FROM j WHERE account_id IS NOT NULL AND pricing_mode = 'trial'
  UNION ALL SELECT account_id, 'duplicate-subscription', subscription_id, '' FROM d WHERE n > 1
  UNION ALL SELECT account_id, 'duplicate-tenant', '', tenant_id FROM e WHERE n > 1;
COPY (SELECT account_id AS "Account Id", class AS "Code", subscription_id AS "Subscription Id", tenant_id AS "Tenant Id" FROM f
  ORDER BY account_id, class, subscription_id, tenant_id) TO '@OUT@/findings.csv' (HEADER, NULLSTR '\N');
SELECT class, count(*) FROM f GROUP BY 1 ORDER BY 1;
