-- Invoice lines of contracts. Amounts are in the invoice's currency.
select
	v.invoice_id          as "Invoice Id",
	v.invoice_date        as "Invoice Date",
	l.subscription_id     as "Subscription Id",
	v.billing_account_id  as "Account Id",
	l.period_start        as "Period Start",
	l.period_end          as "Period End",
	l.kind                as "Kind",
	v.currency            as "Currency",
	l.total               as "Amount",
	l.total_cost          as "Cost Amount",
	v.fx_rate             as "Rate"
from bss_invoice_item l
join bss_invoice v on v.invoice_id operator(pg_catalog.=) l.invoice_id
order by v.invoice_date, v.invoice_id, l.invoice_item_id
