-- Those of these functions that are there.
-- $1 text[] signatures
-- Rows: signature text
SELECT signature FROM unnest($1::text[]) signature WHERE to_regprocedure(signature) IS NOT NULL
