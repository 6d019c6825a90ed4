-- The conditions of aggregates and groups keep their params.
SELECT * FROM (SELECT CASE WHEN isfinite(((((-CASE WHEN abs("paid") <= 90071992547409.92 THEN CAST("paid" AS DOUBLE) ELSE CAST(CAST("paid" AS VARCHAR) AS DOUBLE) END) / 2e0) + (0.1e0 * CASE WHEN abs("clicks") <= 9007199254740992 THEN CAST("clicks" AS DOUBLE) ELSE CAST(CAST("clicks" AS VARCHAR) AS DOUBLE) END)) + CAST(0 AS DOUBLE))) THEN ((((-CASE WHEN abs("paid") <= 90071992547409.92 THEN CAST("paid" AS DOUBLE) ELSE CAST(CAST("paid" AS VARCHAR) AS DOUBLE) END) / 2e0) + (0.1e0 * CASE WHEN abs("clicks") <= 9007199254740992 THEN CAST("clicks" AS DOUBLE) ELSE CAST(CAST("clicks" AS VARCHAR) AS DOUBLE) END)) + CAST(0 AS DOUBLE)) END AS "half", "day", "rows", "dear", "clicks", "paid", "never", "different", "middle", "most", "newest", "oldest", (CAST("paid" AS DECIMAL(38,2)) - (CAST(1.50 AS DECIMAL(38,2)) * CAST("rows" AS DECIMAL(38,0)))) AS "exact" FROM (SELECT "day" AS "day", count(*) AS "rows", count(*) FILTER (WHERE "spend" > $1) AS "dear", CAST(sum("clicks") FILTER (WHERE "spend" > $2
AND (NOT ("day" = ANY($3))
AND ("day" IS NOT NULL OR $4))) AS DECIMAL(38,0)) AS "clicks", sum("paid") AS "paid", CASE WHEN isfinite(avg("spend") FILTER (WHERE false)) THEN avg("spend") FILTER (WHERE false) END AS "never", count(DISTINCT "tenant") FILTER (WHERE (NOT ("day" = ANY($5))
AND ("day" IS NOT NULL OR $6))) AS "different", CASE WHEN isfinite(median(CAST("clicks" AS DOUBLE))) THEN median(CAST("clicks" AS DOUBLE)) END AS "middle", CASE WHEN isfinite(quantile_disc(CASE WHEN abs("paid") <= 90071992547409.92 THEN CAST("paid" AS DOUBLE) ELSE CAST(CAST("paid" AS VARCHAR) AS DOUBLE) END, 0.95)) THEN quantile_disc(CASE WHEN abs("paid") <= 90071992547409.92 THEN CAST("paid" AS DOUBLE) ELSE CAST(CAST("paid" AS VARCHAR) AS DOUBLE) END, 0.95) END AS "most", first("clicks"
ORDER BY "day" DESC, "clicks" ASC NULLS LAST) FILTER (WHERE "day" IS NOT NULL
AND "spend" > $7) AS "newest", first("clicks"
ORDER BY "day" ASC, "clicks" ASC NULLS LAST) FILTER (WHERE "day" IS NOT NULL) AS "oldest"
FROM s1.main.rows
WHERE false
GROUP BY 1))
WHERE "half" >= $8
AND "paid" < $9
ORDER BY 1 DESC NULLS LAST, 2 ASC NULLS LAST
LIMIT $10 OFFSET $11
