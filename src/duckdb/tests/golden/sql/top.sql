-- The first rows of each day: columns by position, because a response name may be another's.
SELECT c0, c1, c2, c3, c4, c5 FROM (SELECT "day" AS "day", sum("clicks") AS "total", CASE WHEN isfinite(avg("spend")) THEN avg("spend") END AS "mean", min("clicks") AS "first", max("clicks") AS "last", count("doc") AS "count"
FROM s1.main.rows
WHERE "tenant" = $1
GROUP BY 1) AS answer(c0, c1, c2, c3, c4, c5) QUALIFY row_number() OVER (PARTITION BY c0
ORDER BY c1 DESC NULLS LAST, c0 ASC NULLS LAST) <= 3
ORDER BY 2 DESC NULLS LAST, 1 ASC NULLS LAST
LIMIT $2 OFFSET $3
