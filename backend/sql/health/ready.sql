-- The number of applied migrations among those that the program knows. readyz compares it with the
-- number of known ones.
-- $1 text[] versions: file names of the migrations
-- One row: applied int, is_superuser bool (our role: it should be none)
SELECT count(*)::int AS applied, current_setting('is_superuser')::bool AS is_superuser
FROM schema_migrations WHERE version = ANY ($1::text[])
