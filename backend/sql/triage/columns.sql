-- Columns that the migrations leave, of tables that are there, and that are gone.
-- $1 text[] tables   $2 text[] of each: its columns, an array
-- Rows: name text ("jobs.status")
SELECT need.name || '.' || col AS name
FROM unnest($1::text[], $2::text[]) need (name, columns)
CROSS JOIN LATERAL unnest(need.columns::text[]) col
WHERE to_regclass(need.name) IS NOT NULL
  AND NOT EXISTS (SELECT FROM pg_attribute
                  WHERE attrelid = to_regclass(need.name) AND attname = col AND attnum > 0 AND NOT attisdropped)
ORDER BY 1 LIMIT 20
