-- Schema version 6: what nights and people did to a finding. findings and run_findings keep the same columns in the same order.
ALTER TABLE findings ADD COLUMN tier TEXT NOT NULL DEFAULT '';
ALTER TABLE findings ADD COLUMN report_money TEXT NOT NULL DEFAULT '';
ALTER TABLE findings ADD COLUMN report_currency TEXT NOT NULL DEFAULT '';
ALTER TABLE findings ADD COLUMN news TEXT NOT NULL DEFAULT '';
ALTER TABLE findings ADD COLUMN opened_at INTEGER NOT NULL DEFAULT 0;
ALTER TABLE findings ADD COLUMN cycles_open INTEGER NOT NULL DEFAULT 0;
ALTER TABLE findings ADD COLUMN times_reopened INTEGER NOT NULL DEFAULT 0;
ALTER TABLE findings ADD COLUMN resolved_at INTEGER NOT NULL DEFAULT 0;
ALTER TABLE findings ADD COLUMN resolved_run TEXT NOT NULL DEFAULT '';
ALTER TABLE findings ADD COLUMN resolved_how TEXT NOT NULL DEFAULT '';
ALTER TABLE findings ADD COLUMN assigned TEXT NOT NULL DEFAULT '';
ALTER TABLE findings ADD COLUMN note TEXT NOT NULL DEFAULT '';
ALTER TABLE findings ADD COLUMN ack_reason TEXT NOT NULL DEFAULT '';
ALTER TABLE findings ADD COLUMN ack_who TEXT NOT NULL DEFAULT '';
ALTER TABLE findings ADD COLUMN ack_until TEXT NOT NULL DEFAULT '';
ALTER TABLE findings ADD COLUMN ack_severity TEXT NOT NULL DEFAULT '';
ALTER TABLE findings ADD COLUMN ack_currency TEXT NOT NULL DEFAULT '';
ALTER TABLE findings ADD COLUMN ack_money TEXT NOT NULL DEFAULT '';
ALTER TABLE findings ADD COLUMN ack_sides TEXT NOT NULL DEFAULT '';
ALTER TABLE findings ADD COLUMN ack_at INTEGER NOT NULL DEFAULT 0;
-- What earlier versions noted in events: since when it is open this time, how often it came back, and by which run it went.
UPDATE findings AS f SET news = 'known',
	opened_at = coalesce((SELECT max(at) FROM finding_events AS e WHERE e.finding_id = f.finding_id AND event IN ('opened', 'reopened')),
		first_seen),
	cycles_open = 1 + (strftime('%Y', last_seen / 1000, 'unixepoch') - strftime('%Y', first_seen / 1000, 'unixepoch')) * 12
		+ strftime('%m', last_seen / 1000, 'unixepoch') - strftime('%m', first_seen / 1000, 'unixepoch'),
	times_reopened = (SELECT count(*) FROM finding_events AS e WHERE e.finding_id = f.finding_id AND event = 'reopened');
UPDATE findings AS f SET (resolved_at, resolved_run) =
	(SELECT at, run_id FROM finding_events AS e WHERE e.finding_id = f.finding_id AND event = 'resolved' ORDER BY id DESC LIMIT 1)
WHERE state = 'resolved' AND EXISTS (SELECT 1 FROM finding_events AS e WHERE e.finding_id = f.finding_id AND event = 'resolved');
ALTER TABLE run_findings ADD COLUMN tier TEXT NOT NULL DEFAULT '';
ALTER TABLE run_findings ADD COLUMN report_money TEXT NOT NULL DEFAULT '';
ALTER TABLE run_findings ADD COLUMN report_currency TEXT NOT NULL DEFAULT '';
ALTER TABLE run_findings ADD COLUMN news TEXT NOT NULL DEFAULT '';
ALTER TABLE run_findings ADD COLUMN opened_at INTEGER NOT NULL DEFAULT 0;
ALTER TABLE run_findings ADD COLUMN cycles_open INTEGER NOT NULL DEFAULT 0;
ALTER TABLE run_findings ADD COLUMN times_reopened INTEGER NOT NULL DEFAULT 0;
ALTER TABLE run_findings ADD COLUMN resolved_at INTEGER NOT NULL DEFAULT 0;
ALTER TABLE run_findings ADD COLUMN resolved_run TEXT NOT NULL DEFAULT '';
ALTER TABLE run_findings ADD COLUMN resolved_how TEXT NOT NULL DEFAULT '';
ALTER TABLE run_findings ADD COLUMN assigned TEXT NOT NULL DEFAULT '';
ALTER TABLE run_findings ADD COLUMN note TEXT NOT NULL DEFAULT '';
ALTER TABLE run_findings ADD COLUMN ack_reason TEXT NOT NULL DEFAULT '';
ALTER TABLE run_findings ADD COLUMN ack_who TEXT NOT NULL DEFAULT '';
ALTER TABLE run_findings ADD COLUMN ack_until TEXT NOT NULL DEFAULT '';
ALTER TABLE run_findings ADD COLUMN ack_severity TEXT NOT NULL DEFAULT '';
ALTER TABLE run_findings ADD COLUMN ack_currency TEXT NOT NULL DEFAULT '';
ALTER TABLE run_findings ADD COLUMN ack_money TEXT NOT NULL DEFAULT '';
ALTER TABLE run_findings ADD COLUMN ack_sides TEXT NOT NULL DEFAULT '';
ALTER TABLE run_findings ADD COLUMN ack_at INTEGER NOT NULL DEFAULT 0;
UPDATE run_findings SET news = 'known', opened_at = first_seen,
	cycles_open = 1 + (strftime('%Y', last_seen / 1000, 'unixepoch') - strftime('%Y', first_seen / 1000, 'unixepoch')) * 12
		+ strftime('%m', last_seen / 1000, 'unixepoch') - strftime('%m', first_seen / 1000, 'unixepoch');
CREATE INDEX findings_by_resolution ON findings (resolved_run) WHERE resolved_run <> '';

ALTER TABLE finding_events ADD COLUMN who TEXT NOT NULL DEFAULT '';
ALTER TABLE finding_events ADD COLUMN detail TEXT NOT NULL DEFAULT '';

-- Was the tenant or the account of a finding that is gone changed by us?
CREATE INDEX steps_by_target ON steps (target, outcome_at) WHERE target <> '';
CREATE INDEX steps_by_account ON steps (account_id, outcome_at) WHERE account_id <> '';
