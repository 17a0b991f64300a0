-- The tables and indexes that statements without a schema's name find.
-- Rows: name text, is_index boolean, is_valid boolean (an index that a broken CREATE INDEX CONCURRENTLY left isn't; one that is being built is)
SELECT c.relname::text AS name, c.relkind IN ('i', 'I') AS is_index, 
       coalesce(i.indisvalid, true) OR EXISTS (SELECT FROM pg_stat_progress_create_index p WHERE p.index_relid = c.oid) AS is_valid
FROM pg_class c
LEFT JOIN pg_index i ON i.indexrelid = c.oid
WHERE c.relkind IN ('r', 'p', 'i', 'I') AND c.relnamespace = ANY (current_schemas(false)::regnamespace[]) AND pg_table_is_visible(c.oid)
