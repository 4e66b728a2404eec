SELECT seq, part, id, key, kind, payload, created_at, published_at
FROM outbox
WHERE published_at IS NULL
ORDER BY seq, part
LIMIT $1
