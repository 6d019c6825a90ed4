-- Every test that is no plain comparison, and alternatives.
SELECT "day" AS "day", "clicks" AS "n", "doc" AS "doc"
FROM s1.main.rows
WHERE "tenant" = $1
AND "clicks" > $2
AND ("clicks" IS DISTINCT FROM $3
AND "clicks" IS NOT NULL)
AND ("clicks" IS DISTINCT FROM $4 OR "clicks" IS NULL)
AND "day" = ANY($5)
AND (NOT ("day" = ANY($6))
AND ("day" IS NOT NULL OR $7))
AND (NOT ("day" = ANY($8)) OR "day" IS NULL)
AND CAST("day" AS DATE) = ANY($9)
AND (prefix("tenant", $10) OR contains("tenant", $11))
AND (contains(lower("tenant"), lower($12)) OR ("doc" IS NULL) = $13)
ORDER BY 2 DESC NULLS LAST, 1 ASC NULLS LAST, 3 ASC NULLS LAST
LIMIT $14 OFFSET $15
