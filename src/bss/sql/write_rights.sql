-- What is missing for writing back; no rows: nothing.
select case
	when to_regprocedure(f) is null then 'the function ' || f || ' is missing'
	else 'no right to call ' || f
end
from unnest(array['tenantry.begin_subscriptions(jsonb,text[])', 'tenantry.activate_subscriptions(jsonb,text[])',
	'tenantry.fail_subscriptions(jsonb)', 'tenantry.order_item_states(text[])']) f
where to_regprocedure(f) is null or not has_function_privilege(to_regprocedure(f), 'execute')
