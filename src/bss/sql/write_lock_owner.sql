-- The session that holds it: what it calls itself, and from where.
select a.application_name, coalesce(pg_catalog.host(a.client_addr), '')
from pg_catalog.pg_locks l
join pg_catalog.pg_stat_activity a on a.pid operator(pg_catalog.=) l.pid
where l.locktype operator(pg_catalog.=) 'advisory' and l.granted and l.objsubid operator(pg_catalog.=) 1::pg_catalog.int2
	and l.database operator(pg_catalog.=) (select d.oid from pg_catalog.pg_database d
		where d.datname operator(pg_catalog.=) pg_catalog.current_database())
	and (l.classid::pg_catalog.int8 operator(pg_catalog.<<) 32) operator(pg_catalog.|) l.objid::pg_catalog.int8
		operator(pg_catalog.=) pg_catalog.hashtextextended('tenantry/' operator(pg_catalog.||) $1::pg_catalog.text, 0::pg_catalog.int8)
limit 1
