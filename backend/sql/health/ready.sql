-- How many of the migrations that the program knows are applied; readyz compares it with their number.
-- $1 text[] versions: file names of the migrations
-- One row: applied int
SELECT count(*)::int AS applied FROM schema_migrations WHERE version = ANY ($1::text[])
