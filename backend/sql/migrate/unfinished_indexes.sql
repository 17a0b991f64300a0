-- Indexes that are invalid, as a build that was cut off leaves them.
-- $1 text[] names
-- Rows: the statement that drops it; the process that builds it at this moment, or null
SELECT 'DROP INDEX CONCURRENTLY ' || i.indexrelid::regclass, p.pid
FROM unnest($1::text[]) AS asked (name)
JOIN pg_index i ON i.indexrelid = to_regclass(quote_ident(asked.name)) AND NOT i.indisvalid
LEFT JOIN pg_stat_progress_create_index p ON p.index_relid = i.indexrelid
