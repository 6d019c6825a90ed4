-- The first rows of all.
SELECT c0, c1, c2 FROM (SELECT "day" AS "day", "clicks" AS "n", "doc" AS "doc"
FROM s1.main.rows
WHERE "tenant" = $1
AND "day" >= $2
AND "day" < $3) AS answer(c0, c1, c2) QUALIFY row_number() OVER (ORDER BY c0 DESC NULLS LAST, c1 ASC NULLS LAST, c2 ASC NULLS LAST) <= 10
ORDER BY 2 DESC NULLS LAST, 1 ASC NULLS LAST, 3 ASC NULLS LAST
LIMIT $4 OFFSET $5
