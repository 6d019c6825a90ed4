-- The rows of a page's whole answer.
SELECT count(*) FROM (SELECT "day" AS "day", "clicks" AS "n", "doc" AS "doc"
FROM s1.main.rows
WHERE "tenant" = $1
AND "day" >= $2
AND "day" < $3) AS answer
