-- What lets others act with the rights of the functions that write back: a sentence a row, none when they are safe. Run with a path
-- of pg_catalog alone. Functions that do not have their owner's rights (security definer) act with this role's, and only who could
-- replace them matters.
with called (name) as (
	select unnest(array['begin_subscriptions', 'activate_subscriptions', 'fail_subscriptions', 'order_item_states'])
), fn as (
	select p.oid, p.proname::text as name, p.prosecdef, p.proacl, p.proconfig, o.oid as owner, o.rolname::text as owner_name,
		o.rolsuper, o.rolcanlogin, o.rolcreaterole, o.rolreplication, p.proname::text in (select name from called) as is_called
	from pg_proc p
	join pg_namespace n on n.oid = p.pronamespace and n.nspname = 'tenantry'
	join pg_roles o on o.oid = p.proowner
), strong (role, reason) as (
	-- Roles that are as good as a superuser to whoever can become them.
	select r.oid, case when r.rolsuper then format('%s, a superuser', r.rolname) else r.rolname::text end
	from pg_roles r
	where r.rolsuper or r.rolname in ('pg_execute_server_program', 'pg_write_server_files', 'pg_read_server_files', 'pg_write_all_data')
), owners as (
	select owner, owner_name, rolsuper, rolcanlogin, rolcreaterole, rolreplication, string_agg(name, ', ' order by name) as names
	from fn where prosecdef
	group by 1, 2, 3, 4, 5, 6
), paths as (
	-- The last search_path of a function's settings, taken apart; `place` from the end, 1 the last.
	select fn.name, c.path is not null as is_set, trim(both '"' from s.schema) as schema,
		row_number() over (partition by fn.oid order by s.ordinal desc) as place
	from fn
	left join lateral (select substr(e, length('search_path=') + 1) as path from unnest(fn.proconfig) e
		where e like 'search\_path=%') c on true
	left join lateral (select trim(w) as schema, ordinal
		from unnest(string_to_array(c.path, ',')) with ordinality u (w, ordinal)) s on true
	where fn.prosecdef
), writable as (
	-- Who may create in a schema, besides its owner and superusers.
	select n.oid, n.nspname::text as schema,
		string_agg(distinct case a.grantee when 0 then 'everybody' else g.rolname::text end, ', ') as by_whom
	from pg_namespace n
	cross join lateral aclexplode(n.nspacl) a
	left join pg_roles g on g.oid = a.grantee
	where a.privilege_type = 'CREATE' and a.grantee <> n.nspowner and not coalesce(g.rolsuper, false)
		and a.grantee not in (select owner from owners where not rolcanlogin)
	group by 1, 2
)
select 1 as place, format('%s run%s with the rights of %s, %s', names, case when names like '%,%' then '' else 's' end, owner_name,
	case when rolsuper then 'a superuser'
		when rolcanlogin then 'who can log in'
		when rolcreaterole then 'who can create roles'
		else 'who can replicate' end)
from owners where rolsuper or rolcanlogin or rolcreaterole or rolreplication
union all
select 2, format('%s, with whose rights %s run%s, is a member of %s', owner_name, names, case when names like '%,%' then '' else 's' end,
	string_agg(reason, ' and ' order by reason))
from owners
join strong on pg_has_role(owner, role, 'member')
where not rolsuper and owner <> role
group by owner_name, names
union all
select 3, format('%s is a member of %s, with whose rights %s run%s', current_user, owner_name, names, case when names like '%,%' then '' else 's' end)
from owners
where owner_name <> current_user and not rolsuper and pg_has_role(current_user, owner, 'member')
	and not (select rolsuper from pg_roles where rolname = current_user)
union all
select 4, format('%s can be replaced by its owner %s, who can log in', string_agg(name, ', ' order by name), owner_name)
from fn
where not prosecdef and rolcanlogin and not rolsuper and exists (select from owners)
group by owner_name
union all
select 5, format('%s: no search_path is set', string_agg(name, ', ' order by name)) from paths where not is_set having count(*) > 0
union all
select 6, format('%s: the search_path does not end with pg_temp, which then comes first', string_agg(name, ', ' order by name))
from paths where is_set and place = 1 and schema <> 'pg_temp' having count(*) > 0
union all
select 7, format('%s: in the schema %s of the search_path %s may create functions and operators', string_agg(p.name, ', ' order by p.name),
	w.schema, w.by_whom)
from paths p
join writable w on w.schema = p.schema
group by w.schema, w.by_whom
union all
select 8, format('%s: the schema %s of the search_path is not there, or is each caller''s own', string_agg(name, ', ' order by name), schema)
from paths
where is_set and schema not in ('pg_temp', '') and not exists (select from pg_namespace n where n.nspname = schema)
group by schema
union all
select 9, format('in the schema tenantry %s may create functions', by_whom) from writable where schema = 'tenantry'
union all
select 10, format('everybody may call %s', string_agg(distinct name, ', ' order by name))
from fn
where prosecdef and has_schema_privilege('public', 'tenantry', 'usage') and has_function_privilege('public', oid, 'execute')
having count(*) > 0
order by 1, 2
