-- One night at a time writes to a BSS, whatever machine it runs on. The lock goes with the session.
select pg_try_advisory_lock(hashtextextended('tenantry/' || $1::text, 0))
