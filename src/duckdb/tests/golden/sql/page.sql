-- A page: the tenant first, nulls last both ways, the order complete.
SELECT "day" AS "day", "clicks" AS "n", "doc" AS "doc"
FROM s1.main.rows
WHERE "tenant" = $1
AND "day" >= $2
AND "day" < $3
ORDER BY 2 DESC NULLS LAST, 1 ASC NULLS LAST, 3 ASC NULLS LAST
LIMIT $4 OFFSET $5
