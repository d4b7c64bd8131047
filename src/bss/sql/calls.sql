-- How the functions that write back are declared: does one answer rows, and may it change anything?
select p.proname, p.proretset, p.provolatile operator(pg_catalog.=) 'v'::pg_catalog."char"
from pg_catalog.unnest(array['tenantry.begin_subscriptions(jsonb,text[])', 'tenantry.activate_subscriptions(jsonb,text[])',
	'tenantry.fail_subscriptions(jsonb)', 'tenantry.order_item_states(text[])']) f
join pg_catalog.pg_proc p on p.oid operator(pg_catalog.=) pg_catalog.to_regprocedure(f)::pg_catalog.oid
