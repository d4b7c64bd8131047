-- The session that holds it: what it calls itself, and from where.
select application_name, coalesce(host(client_addr), '')
from pg_catalog.pg_locks l
join pg_catalog.pg_stat_activity a using (pid)
where l.locktype = 'advisory' and l.granted and l.objsubid = 1
	and l.database = (select oid from pg_catalog.pg_database where datname = current_database())
	and (l.classid::bigint << 32 | l.objid::bigint) = hashtextextended('tenantry/' || $1::text, 0)
limit 1
