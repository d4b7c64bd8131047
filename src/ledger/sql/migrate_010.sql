-- Schema version 10. Of which months a kept side has lines: invoices come after their month, so those of a closed month are
-- looked for in later nights. Sides by now: tenants, subscriptions, invoices, rates.
ALTER TABLE snapshots ADD COLUMN months TEXT NOT NULL DEFAULT '';
