-- The migrations that are applied.
-- Rows: version text
SELECT version FROM schema_migrations ORDER BY version
