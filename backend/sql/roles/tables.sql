-- Those of these tables and views that are there.
-- $1 text[] names
-- Rows: name text; columns text, each between commas: ",id,name,"
SELECT name, (SELECT ',' || string_agg(attname, ',') || ',' FROM pg_attribute
              WHERE attrelid = to_regclass(name) AND attnum > 0 AND NOT attisdropped) AS columns
FROM unnest($1::text[]) name WHERE to_regclass(name) IS NOT NULL
