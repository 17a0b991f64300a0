-- What the program needs of the database: its migrations, and of the schema that they leave the
-- tables, the columns, and the rights of our role.
-- $1 text[] versions: file names of the migrations
-- $2 text[] tables   $3 text[] of each: its columns, an array   $4 text[] tables, $5 text[] rights
-- on them, $6 text[] the column of each right, or null: all of the table
-- One row: applied int (migrations among the known ones), is_superuser bool (our role: it should be
-- none), gone text ("table jobs", "column jobs.status and 3 more"), denied text ("insert on
-- posts"); null: nothing
-- server text, born text: what tells this database from all others; null: it has no migrations
-- A right on a column that is gone would be an error, so rights are looked at where all is there.
-- The schema of a newer release may have less than this one knows: it is for the newer one to say.
WITH gone AS (
         SELECT CASE WHEN t.oid IS NULL THEN 'table ' || t.name ELSE 'column ' || t.name || '.' || c.name END AS what
         FROM (SELECT name, columns::text[] AS columns, to_regclass(name) AS oid
               FROM unnest($2::text[], $3::text[]) need (name, columns)) t
         LEFT JOIN LATERAL (
             SELECT unnest(t.columns) AS name
             EXCEPT SELECT attname::text FROM pg_attribute WHERE attrelid = t.oid AND attnum > 0 AND NOT attisdropped
         ) c ON t.oid IS NOT NULL
         WHERE t.oid IS NULL OR c.name IS NOT NULL),
     denied AS (
         SELECT n.what || ' on ' || n.name AS what
         FROM (SELECT name, what, col, to_regclass(name) AS oid FROM unnest($4::text[], $5::text[], $6::text[])
               need (name, what, col)) n
         WHERE NOT EXISTS (SELECT FROM gone)
           AND NOT CASE WHEN n.col IS NULL THEN has_table_privilege(n.oid, n.what)
                        ELSE has_column_privilege(n.oid, n.col, n.what) END)
SELECT (SELECT count(*)::int FROM schema_migrations WHERE version = ANY ($1::text[])) AS applied,
       current_setting('is_superuser')::bool AS is_superuser,
       (SELECT min(what) || CASE WHEN count(*) > 1 THEN ' and ' || count(*) - 1 || ' more' ELSE '' END FROM gone
        WHERE NOT EXISTS (SELECT FROM schema_migrations WHERE version <> ALL ($1::text[]))) AS gone,
       (SELECT min(what) || CASE WHEN count(*) > 1 THEN ' and ' || count(*) - 1 || ' more' ELSE '' END FROM denied
        WHERE NOT EXISTS (SELECT FROM schema_migrations WHERE version <> ALL ($1::text[]))) AS denied,
       (SELECT oid::text FROM pg_database WHERE datname = current_database()) || ' '
           || extract(epoch FROM pg_postmaster_start_time())::text AS server,
       (SELECT extract(epoch FROM min(applied_at))::text FROM schema_migrations) AS born
