-- What is missing for writing back; no rows: nothing.
select case
	when pg_catalog.to_regprocedure(f) is null then 'the function ' operator(pg_catalog.||) f operator(pg_catalog.||) ' is missing'
	else 'no right to call ' operator(pg_catalog.||) f
end
from pg_catalog.unnest(array['tenantry.begin_subscriptions(jsonb,text[])', 'tenantry.activate_subscriptions(jsonb,text[])',
	'tenantry.fail_subscriptions(jsonb)', 'tenantry.order_item_states(text[])']) f
where pg_catalog.to_regprocedure(f) is null or not pg_catalog.has_function_privilege(pg_catalog.to_regprocedure(f), 'execute')
