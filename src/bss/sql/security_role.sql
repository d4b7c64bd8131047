-- What this role can do beyond reading and calling the functions: a sentence a row. $1: does the job write back? Where it only
-- reads, row-level security may be what the role is meant to pass. Run with a path of pg_catalog alone.
with me as (
	select r.* from pg_roles r where r.rolname = current_user
), path as (
	-- The role's own path, with which queries that name no schema are run.
	select case trim(w) when '"$user"' then current_user::text else trim(both '"' from trim(w)) end as schema
	from pg_settings s, unnest(string_to_array(s.reset_val, ',')) w
	where s.name = 'search_path'
), mine as (
	select n.oid, n.nspname::text as schema
	from pg_namespace n
	where has_schema_privilege(n.oid, 'create') and n.nspname !~ '^pg_' and n.nspname <> 'information_schema'
), written as (
	-- All that is no table of the system's and could be changed without the functions.
	select format('%s.%s', n.nspname, c.relname) as name
	from pg_class c
	join pg_namespace n on n.oid = c.relnamespace and n.nspname !~ '^pg_' and n.nspname <> 'information_schema'
	where c.relkind in ('r', 'p', 'v', 'f') and (has_table_privilege(c.oid, 'insert, update, delete, truncate, trigger')
		or has_any_column_privilege(c.oid, 'insert, update'))
)
select 1 as place, format('%s is a superuser: all else follows', rolname) as text from me where rolsuper
union all
select 2, format('%s may %s', rolname, w.what)
from me
cross join lateral (values (rolcreaterole, 'create roles (createrole)'), (rolcreatedb, 'create databases (createdb)'),
	(rolreplication, 'replicate, which reads all that there is (replication)'),
	(rolbypassrls and $1::boolean, 'pass row-level security (bypassrls)')) w (has, what)
where w.has and not rolsuper
union all
select 3, format('%s is a member of %s', me.rolname, string_agg(r.rolname::text, ', ' order by r.rolname))
from me
join pg_roles r on r.oid <> me.oid and pg_has_role(me.oid, r.oid, 'member')
	and (r.rolsuper or r.rolcreaterole or r.rolbypassrls and $1::boolean or r.rolname in ('pg_write_all_data', 'pg_read_all_data',
		'pg_execute_server_program', 'pg_read_server_files', 'pg_write_server_files', 'pg_signal_backend'))
where not me.rolsuper
group by me.rolname
union all
select 4, format('%s may create schemas in the database', rolname)
from me where not rolsuper and has_database_privilege(current_database(), 'create')
union all
select 5, format('%s may create in the schema %s%s', rolname, mine.schema,
	case when mine.schema in (select schema from path) then ', which is in its search_path' else '' end)
from me, mine where not rolsuper
union all
select 6, format('%s may change %s table%s without the functions: %s%s', me.rolname, count(*), case count(*) when 1 then '' else 's' end,
	array_to_string((array_agg(written.name order by written.name))[1:5], ', '), case when count(*) > 5 then ' ...' else '' end)
from me, written where not rolsuper
group by me.rolname
union all
select 7, format('%s may create in the schema %s of the search_path with which queries are run: a function or a table there can be taken for another',
	string_agg(distinct case a.grantee when 0 then 'everybody' else g.rolname::text end, ', '), n.nspname)
from pg_namespace n
join path on path.schema = n.nspname
cross join lateral aclexplode(n.nspacl) a
left join pg_roles g on g.oid = a.grantee
where a.privilege_type = 'CREATE' and a.grantee <> n.nspowner and not coalesce(g.rolsuper, false)
	and g.rolname is distinct from current_user
group by n.nspname
order by 1, 2
