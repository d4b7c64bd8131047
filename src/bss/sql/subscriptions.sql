-- All contracts that there are or were: the rules ask whether an account has one, reconciliation compares them with Acronis.
select
	b.subscription_id   as "Subscription Id",
	b.external_id       as "Subscription External Id",
	b.account_id        as "Account Id",
	a.name              as "Account",
	s.username          as "Username",
	p.code              as "Product Code",
	p.tier_code         as "Tier",
	b.status            as "Status",
	b.quantity          as "Quantity",
	b.currency          as "Currency",
	b.start_date        as "Start Date",
	b.end_date          as "End Date",
	a.ramp_up_months    as "Ramp Up Months",
	b.is_trial          as "Is Trial",
	b.sync_status       as "Provisioning Sync Status",
	b.updated_at        as "Updated At"
from bss_subscription b
join bss_account a on a.account_id operator(pg_catalog.=) b.account_id
left join bss_account_sync s on s.account_id operator(pg_catalog.=) a.account_id and s.system_code operator(pg_catalog.=) 'acronis'
left join bss_product p on p.product_id operator(pg_catalog.=) b.product_id
order by b.account_id, b.start_date, b.subscription_id
