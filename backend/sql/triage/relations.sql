-- The tables and indexes that statements find without a schema's name.
-- Rows: name text, is_index boolean, is_valid boolean (false: an interrupted CREATE INDEX
--       CONCURRENTLY left the index; an index that is being built counts as valid)
SELECT c.relname::text AS name, c.relkind IN ('i', 'I') AS is_index,
       coalesce(i.indisvalid, true)
           OR EXISTS (SELECT FROM pg_stat_progress_create_index p WHERE p.index_relid = c.oid) AS is_valid
FROM pg_class c
LEFT JOIN pg_index i ON i.indexrelid = c.oid
WHERE c.relkind IN ('r', 'p', 'i', 'I') AND c.relnamespace = ANY (current_schemas(false)::regnamespace[])
  AND pg_table_is_visible(c.oid)
