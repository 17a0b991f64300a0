-- Whether the table schema_migrations exists, and whether it has checksums: a table that another
-- tool made may lack them.
-- One row: exists boolean, has_checksums boolean
SELECT to_regclass('schema_migrations') IS NOT NULL,
       EXISTS (SELECT FROM pg_attribute WHERE attrelid = to_regclass('schema_migrations') AND attname = 'checksum')
