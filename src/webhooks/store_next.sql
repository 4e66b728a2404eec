-- The next notice for a webhook; of each recall only the first that waits can be it.
SELECT d.seq, d.part, d.notice, d.recall, d.attempts, o.payload
FROM webhook_deliveries d
JOIN outbox o ON o.seq = d.seq AND o.part = d.part
WHERE d.webhook = $1 AND d.state = 'waiting' AND d.next_at <= $2 AND NOT EXISTS (
  SELECT 1
  FROM webhook_deliveries e
  WHERE e.webhook = d.webhook AND e.state = 'waiting' AND e.recall = d.recall
    AND (e.seq < d.seq OR (e.seq = d.seq AND e.part < d.part))
)
ORDER BY d.next_at, d.seq, d.part
LIMIT 1
