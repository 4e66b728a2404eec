-- The numbers of credentials, in their order, of which a version before an order of control/0 is as wanted: holder,
-- kind, whoever may see it, and the product that its scope names or one of whose lots it names.
SELECT DISTINCT c.id AS id
FROM credentials c
WHERE c.seq < $1
  AND c.id > $2
  AND ($3 = '' OR c.org = $3)
  AND ($4 = '' OR c.kind = $4)
  AND ($5 = '' OR c.org = $5 OR c.issuer = $5 OR c.recorded_for = $5)
  AND ($6 = '' OR EXISTS (
      SELECT 1 FROM credential_scopes s
      WHERE s.id = c.id AND s.seq = c.seq
        AND ((s.kind = 'product' AND s.value = $6)
             OR (s.kind = 'lot' AND s.value > $7 AND s.value < $8))))
ORDER BY id
LIMIT $9
