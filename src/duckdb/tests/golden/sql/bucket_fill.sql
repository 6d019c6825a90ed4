-- Days of a zone, with those that have no rows; the bounds of the zone's days.
WITH found AS MATERIALIZED (SELECT CAST(timezone('Europe/Berlin', "at") AS DATE) AS c0, sum("clicks") AS c1, true AS present
FROM s1.main.rows
WHERE "tenant" = $1
AND ("at" >= $2
AND ("at" >= $3 OR CAST(timezone('Europe/Berlin', "at") AS DATE) >= $4))
AND (CAST(timezone('Europe/Berlin', "at") AS DATE) <> $5 OR "at" IS NULL)
GROUP BY 1), bounds AS MATERIALIZED (SELECT CAST($6 AS DATE) AS first_day, CAST($7 AS DATE) AS last_day, CAST($8 AS TIMESTAMPTZ) AS first_at, CAST($9 AS TIMESTAMPTZ) AS last_at), ends AS MATERIALIZED (SELECT coalesce(greatest(first_day, CAST(timezone('Europe/Berlin', first_at) AS DATE)), (SELECT min(found.c0) FROM found)) AS a, coalesce(least(last_day, CAST(timezone('Europe/Berlin', last_at) AS DATE)), (SELECT max(found.c0) FROM found)) AS z FROM bounds), axis AS MATERIALIZED (SELECT k FROM (SELECT a + CAST(i AS INTEGER) AS k FROM (SELECT a, z, unnest(generate_series(0, CASE WHEN z - a > 100002 THEN error('offloader: too many buckets') ELSE z - a END)) AS i FROM ends))
WHERE CAST(timezone('Europe/Berlin', (CASE WHEN timezone('Europe/Berlin', timezone('UTC', CAST(k AS TIMESTAMP) - (timezone('Europe/Berlin', (timezone('Europe/Berlin', CAST(k AS TIMESTAMP)) - INTERVAL 24 HOURS)) - timezone('UTC', (timezone('Europe/Berlin', CAST(k AS TIMESTAMP)) - INTERVAL 24 HOURS))))) = CAST(k AS TIMESTAMP) THEN least(timezone('UTC', CAST(k AS TIMESTAMP) - (timezone('Europe/Berlin', (timezone('Europe/Berlin', CAST(k AS TIMESTAMP)) - INTERVAL 24 HOURS)) - timezone('UTC', (timezone('Europe/Berlin', CAST(k AS TIMESTAMP)) - INTERVAL 24 HOURS)))), timezone('Europe/Berlin', CAST(k AS TIMESTAMP))) ELSE timezone('Europe/Berlin', CAST(k AS TIMESTAMP)) END)) AS DATE) = k), others AS MATERIALIZED (SELECT 1 AS one), added AS (SELECT * FROM axis CROSS JOIN others
WHERE CASE WHEN (SELECT count(*) FROM axis) * (SELECT count(*) FROM others) > 100000 THEN error('offloader: too many buckets') ELSE true END) SELECT coalesce(found.c0, added.k) AS "at", CASE WHEN found.present THEN found.c1 ELSE 0 END AS "n" FROM added FULL JOIN found ON added.k IS NOT DISTINCT FROM found.c0
ORDER BY 1 ASC NULLS LAST
LIMIT $10 OFFSET $11
