-- Weeks of a zone as instants, which are computed once a week.
SELECT (CASE WHEN timezone('Europe/Berlin', timezone('UTC', CAST(found.c0 AS TIMESTAMP) - (timezone('Europe/Berlin', (timezone('Europe/Berlin', CAST(found.c0 AS TIMESTAMP)) - INTERVAL 24 HOURS)) - timezone('UTC', (timezone('Europe/Berlin', CAST(found.c0 AS TIMESTAMP)) - INTERVAL 24 HOURS))))) = CAST(found.c0 AS TIMESTAMP) THEN least(timezone('UTC', CAST(found.c0 AS TIMESTAMP) - (timezone('Europe/Berlin', (timezone('Europe/Berlin', CAST(found.c0 AS TIMESTAMP)) - INTERVAL 24 HOURS)) - timezone('UTC', (timezone('Europe/Berlin', CAST(found.c0 AS TIMESTAMP)) - INTERVAL 24 HOURS)))), timezone('Europe/Berlin', CAST(found.c0 AS TIMESTAMP))) ELSE timezone('Europe/Berlin', CAST(found.c0 AS TIMESTAMP)) END) AS "at", found.c1 AS "n" FROM (SELECT (CAST(timezone('Europe/Berlin', "at") AS DATE) - CAST(isodow(CAST(timezone('Europe/Berlin', "at") AS DATE)) - 1 AS INTEGER)) AS c0, sum("clicks") AS c1, true AS present
FROM s1.main.rows
WHERE "tenant" = $1
GROUP BY 1) AS found
ORDER BY 1 ASC NULLS LAST
LIMIT $2 OFFSET $3
