-- A value that the column's type cannot hold: no row, and no value is bound.
SELECT "day" AS "day", "clicks" AS "n", "doc" AS "doc"
FROM s1.main.rows
WHERE false
ORDER BY 2 DESC NULLS LAST, 1 ASC NULLS LAST, 3 ASC NULLS LAST
LIMIT $1 OFFSET $2
