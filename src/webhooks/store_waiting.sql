-- What waits for webhooks that are enabled.
SELECT COUNT(*) AS waiting, MIN(d.created_at) AS oldest
FROM webhook_deliveries d
JOIN webhooks w ON w.id = d.webhook
WHERE d.state = 'waiting' AND w.disabled_at IS NULL
