-- What is in the schema tenantry: one row. Run with a path of pg_catalog alone.
select has_version.oid is not null, has_version.callable, shipped.oid is not null, word.oid is not null, word.readable,
	coalesce((select string_agg(distinct pg_get_userbyid(p.proowner)::text, ', ')
		from pg_proc p join pg_namespace n on n.oid = p.pronamespace and n.nspname = 'tenantry'
		where p.prosecdef and p.proname in ('begin_subscriptions', 'activate_subscriptions', 'fail_subscriptions', 'order_item_states')), '')
from (values (1)) one
left join lateral (select p.oid, has_function_privilege(p.oid, 'execute') and p.prorettype = 'integer'::regtype as callable
	from pg_proc p join pg_namespace n on n.oid = p.pronamespace and n.nspname = 'tenantry'
	where p.proname = 'version' and p.pronargs = 0) has_version on true
left join lateral (select p.oid from pg_proc p join pg_namespace n on n.oid = p.pronamespace and n.nspname = 'tenantry'
	where p.proname = 'each_item' limit 1) shipped on true
left join lateral (select c.oid, has_table_privilege(c.oid, 'select') as readable
	from pg_class c join pg_namespace n on n.oid = c.relnamespace and n.nspname = 'tenantry'
	where c.relname = 'word' and c.relkind = 'r') word on true
