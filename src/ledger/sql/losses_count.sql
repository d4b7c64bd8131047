SELECT count(*), coalesce(sum(at > :now), 0) FROM losses WHERE at > :since AND counted = 1
