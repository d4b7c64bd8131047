-- Order items that wait to be done, oldest order first. Over samples/bss/schema.sql; a site's own query needs the same column names.
select
	o.order_id                                 as "Order Id",
	nullif(i.order_item_id, o.order_id)        as "Order Item Id",
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
	case o.terms_accepted when true then 'yes' when false then 'no' end as "Terms Accepted",
	case when coalesce(nullif(lower(i.action), ''), 'new') <> 'new' then i.subscription_id end as "Subscription Id",
	i.requested_start                          as "Start Date"
from bss_order_item i
join bss_order o using (order_id)
join bss_account a using (account_id)
left join bss_account_address d on d.account_id = a.account_id and d.is_billing
left join bss_account_sync s on s.account_id = a.account_id and s.system_code = 'acronis'
left join bss_product p on p.product_id = i.product_id
where o.status_name not in ('Draft', 'Executed', 'Canceled', 'Cancelled')
	and coalesce(i.delivery_status, 'Pending') not in ('Executed', 'Canceled', 'Cancelled')
order by o.order_date, o.order_id, i.order_item_id
