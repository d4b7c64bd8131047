-- Ten minutes: see loss_put.sql.
SELECT count(*), coalesce(sum(at > :now + 600000 OR behind = 1), 0) FROM losses WHERE (at > :since OR behind = 1) AND counted = 1
