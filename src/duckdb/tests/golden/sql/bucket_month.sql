-- Months of a DATE, by arithmetic on days.
SELECT ("day" - CAST(day("day") - 1 AS INTEGER)) AS "at", sum("clicks") AS "n"
FROM s1.main.rows
WHERE "tenant" = $1
GROUP BY 1
ORDER BY 1 ASC NULLS LAST
LIMIT $2 OFFSET $3
