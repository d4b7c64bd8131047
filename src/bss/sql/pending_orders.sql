-- Order items that wait to be done, oldest order first. Over samples/bss/schema.sql; a site's own query needs the same column names.
-- Tables are found in the role's search_path. Operators and functions are named with pg_catalog, so that none that somebody put into
-- a schema of that path is taken for them; `using`, `in`, `nullif` and `case x when` would look for theirs there, too.
select
	o.order_id                                 as "Order Id",
	case when i.order_item_id operator(pg_catalog.<>) o.order_id then i.order_item_id end as "Order Item Id",
	o.order_date                               as "Order Date",
	o.status_name                              as "Order Status",
	o.storefront_type                          as "Channel",
	i.action                                   as "Action",
	o.account_id                               as "Account Id",
	a.name                                     as "Account",
	a.is_reseller                              as "Is Reseller",
	o.end_customer_id                          as "End Customer Id",
	p.code                                     as "Product Code",
	i.tier_code                                as "Tier",
	i.quantity                                 as "Quantity",
	o.currency                                 as "Currency",
	a.email                                    as "Email",
	s.username                                 as "Username",
	a.contact_first_name                       as "First Name",
	a.contact_last_name                        as "Last Name",
	a.phone                                    as "Phone",
	d.address1                                 as "Address 1",
	d.address2                                 as "Address 2",
	d.city                                     as "City",
	d.region                                   as "Region",
	d.post_code                                as "Post Code",
	d.country_code                             as "Country Code",
	case when o.terms_accepted then 'yes' when not o.terms_accepted then 'no' end as "Terms Accepted",
	case when pg_catalog.lower(i.action) operator(pg_catalog.<>) all (array['', 'new']) then i.subscription_id end as "Subscription Id",
	i.requested_start                          as "Start Date",
	o.parent_order_id                          as "Parent Order Id"
from bss_order_item i
join bss_order o on o.order_id operator(pg_catalog.=) i.order_id
join bss_account a on a.account_id operator(pg_catalog.=) o.account_id
left join bss_account_address d on d.account_id operator(pg_catalog.=) a.account_id and d.is_billing
left join bss_account_sync s on s.account_id operator(pg_catalog.=) a.account_id and s.system_code operator(pg_catalog.=) 'acronis'
left join bss_product p on p.product_id operator(pg_catalog.=) i.product_id
where o.status_name operator(pg_catalog.<>) all (array['Draft', 'Executed', 'Canceled', 'Cancelled'])
	and coalesce(i.delivery_status, 'Pending') operator(pg_catalog.<>) all (array['Executed', 'Canceled', 'Cancelled'])
order by o.order_date, o.order_id, i.order_item_id
