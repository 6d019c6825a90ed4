-- Identifiers are quoted, whatever they are.
SELECT "order" AS "select"
FROM s1.main.rows
WHERE "order" <= $1
ORDER BY 1 ASC NULLS LAST
LIMIT $2 OFFSET $3
