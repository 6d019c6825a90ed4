-- Aggregates without a group: exactly one row.
SELECT sum("clicks") AS "total", CASE WHEN isfinite(avg("spend")) THEN avg("spend") END AS "mean", min("clicks") AS "first", max("clicks") AS "last", count("doc") AS "count"
FROM s1.main.rows
WHERE "tenant" = $1
LIMIT $2 OFFSET $3
