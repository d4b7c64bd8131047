UPDATE items SET ordered_at = :ordered_at WHERE key = :key AND ordered_at <> :ordered_at
