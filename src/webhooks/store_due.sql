-- What is to be sent now, of webhooks that are enabled and nobody serves: the webhook that was served the longest ago.
-- Of each recall only the first notice that waits: the others wait for it.
SELECT w.id
FROM webhooks w
WHERE w.disabled_at IS NULL AND w.leased_until <= $1 AND EXISTS (
  SELECT 1
  FROM webhook_deliveries d
  WHERE d.webhook = w.id AND d.state = 'waiting' AND d.next_at <= $2 AND NOT EXISTS (
    SELECT 1
    FROM webhook_deliveries e
    WHERE e.webhook = d.webhook AND e.state = 'waiting' AND e.recall = d.recall
      AND (e.seq < d.seq OR (e.seq = d.seq AND e.part < d.part))
  )
)
ORDER BY w.leased_until, w.id
LIMIT 1
