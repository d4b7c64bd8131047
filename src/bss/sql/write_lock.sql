-- One night at a time writes to a BSS, whatever machine it runs on. The lock goes with the session.
select pg_catalog.pg_try_advisory_lock(pg_catalog.hashtextextended('tenantry/' operator(pg_catalog.||) $1::pg_catalog.text, 0::pg_catalog.int8))
