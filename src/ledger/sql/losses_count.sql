SELECT count(*), coalesce(sum(at > :now OR behind = 1), 0) FROM losses WHERE (at > :since OR behind = 1) AND counted = 1
