-- Aggregates by day; positions, because a response name may be another column's.
SELECT "day" AS "day", sum("clicks") AS "total", CASE WHEN isfinite(avg("spend")) THEN avg("spend") END AS "mean", min("clicks") AS "first", max("clicks") AS "last", count("doc") AS "count"
FROM s1.main.rows
WHERE "tenant" = $1
GROUP BY 1
ORDER BY 2 DESC NULLS LAST, 1 ASC NULLS LAST
LIMIT $2 OFFSET $3
