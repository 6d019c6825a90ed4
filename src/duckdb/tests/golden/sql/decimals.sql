-- The mean of decimals is one of doubles; their sum stays exact.
SELECT sum("amount") AS "total", avg("amount") AS "mean", min("amount") AS "least"
FROM s1.main.rows
LIMIT $1 OFFSET $2
