-- Hours of a zone; one that occurs twice is two.
SELECT ("at" - (timezone('Europe/Berlin', "at") - date_trunc('hour', timezone('Europe/Berlin', "at")))) AS "at", sum("clicks") AS "n"
FROM s1.main.rows
WHERE "tenant" = $1
GROUP BY 1
ORDER BY 1 ASC NULLS LAST
LIMIT $2 OFFSET $3
