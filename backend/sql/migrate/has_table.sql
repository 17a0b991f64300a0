-- One row: does schema_migrations exist, and has it checksums (one that another tool made may lack them)?
SELECT to_regclass('schema_migrations') IS NOT NULL,
       EXISTS (SELECT FROM pg_attribute WHERE attrelid = to_regclass('schema_migrations') AND attname = 'checksum')
