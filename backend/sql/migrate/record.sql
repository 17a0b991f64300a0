-- Records an applied migration.
-- writes
-- $1 text  version   $2 text  the file's contents
INSERT INTO schema_migrations (version, checksum) VALUES ($1, encode(sha256(convert_to($2, 'UTF8')), 'hex'))
