-- Aggregates with conditions of their own; an inner SELECT only for what needs its results.
SELECT * FROM (SELECT CASE WHEN isfinite(((((-CASE WHEN abs("paid") <= 90071992547409.92 THEN CAST("paid" AS DOUBLE) ELSE CAST(CAST("paid" AS VARCHAR) AS DOUBLE) END) / 2e0) + (0.1e0 * CASE WHEN abs("clicks") <= 9007199254740992 THEN CAST("clicks" AS DOUBLE) ELSE CAST(CAST("clicks" AS VARCHAR) AS DOUBLE) END)) + CAST(0 AS DOUBLE))) THEN ((((-CASE WHEN abs("paid") <= 90071992547409.92 THEN CAST("paid" AS DOUBLE) ELSE CAST(CAST("paid" AS VARCHAR) AS DOUBLE) END) / 2e0) + (0.1e0 * CASE WHEN abs("clicks") <= 9007199254740992 THEN CAST("clicks" AS DOUBLE) ELSE CAST(CAST("clicks" AS VARCHAR) AS DOUBLE) END)) + CAST(0 AS DOUBLE)) END AS "half", "day", "rows", "dear", "clicks", "paid", "never", "different", "middle", "most", "newest", "oldest", (CAST("paid" AS DECIMAL(38,2)) - (CAST(1.50 AS DECIMAL(38,2)) * CAST("rows" AS DECIMAL(38,0)))) AS "exact" FROM (SELECT "day" AS "day", count(*) AS "rows", count(*) FILTER (WHERE "spend" > $2) AS "dear", CAST(sum("clicks") FILTER (WHERE "spend" > $3
AND (NOT ("day" = ANY($4))
AND ("day" IS NOT NULL OR $5))) AS DECIMAL(38,0)) AS "clicks", sum("paid") AS "paid", CASE WHEN isfinite(avg("spend") FILTER (WHERE false)) THEN avg("spend") FILTER (WHERE false) END AS "never", count(DISTINCT "tenant") FILTER (WHERE (NOT ("day" = ANY($6))
AND ("day" IS NOT NULL OR $7))) AS "different", CASE WHEN isfinite(median(CAST("clicks" AS DOUBLE))) THEN median(CAST("clicks" AS DOUBLE)) END AS "middle", CASE WHEN isfinite(quantile_disc(CASE WHEN abs("paid") <= 90071992547409.92 THEN CAST("paid" AS DOUBLE) ELSE CAST(CAST("paid" AS VARCHAR) AS DOUBLE) END, 0.95)) THEN quantile_disc(CASE WHEN abs("paid") <= 90071992547409.92 THEN CAST("paid" AS DOUBLE) ELSE CAST(CAST("paid" AS VARCHAR) AS DOUBLE) END, 0.95) END AS "most", first("clicks"
ORDER BY "day" DESC, "clicks" ASC NULLS LAST) FILTER (WHERE "day" IS NOT NULL
AND "spend" > $8) AS "newest", first("clicks"
ORDER BY "day" ASC, "clicks" ASC NULLS LAST) FILTER (WHERE "day" IS NOT NULL) AS "oldest"
FROM s1.main.rows
WHERE "tenant" = $1
GROUP BY 1))
WHERE "half" >= $9
AND "paid" < $10
ORDER BY 1 DESC NULLS LAST, 2 ASC NULLS LAST
LIMIT $11 OFFSET $12
