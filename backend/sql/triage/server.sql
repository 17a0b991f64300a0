-- What tells this database from all others (service/marks.h), as health/ready says it.
-- One row: server text, born text (null: it has no migrations)
SELECT (SELECT oid::text FROM pg_database WHERE datname = current_database()) || ' '
           || extract(epoch FROM pg_postmaster_start_time())::text AS server,
       (SELECT extract(epoch FROM min(applied_at))::text FROM schema_migrations) AS born
