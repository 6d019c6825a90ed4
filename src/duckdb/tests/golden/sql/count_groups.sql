-- The groups of an answer.
SELECT count(*) FROM (SELECT "day" AS "day", sum("clicks") AS "total", CASE WHEN isfinite(avg("spend")) THEN avg("spend") END AS "mean", min("clicks") AS "first", max("clicks") AS "last", count("doc") AS "count"
FROM s1.main.rows
WHERE "tenant" = $1
GROUP BY 1) AS answer
