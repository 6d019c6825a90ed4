-- The mean of decimals divides their exact sum.
SELECT sum("amount") AS "total", avg("amount") AS "mean", min("amount") AS "least"
FROM s1.main.rows
LIMIT $1 OFFSET $2
