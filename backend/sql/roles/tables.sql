-- Those of these tables and views that are there.
-- $1 text[] names
-- Rows: name text
SELECT name FROM unnest($1::text[]) name WHERE to_regclass(name) IS NOT NULL
