-- A table made by another tool has no checksums; its rows keep null: applied, contents unknown.
-- writes
ALTER TABLE schema_migrations ADD COLUMN IF NOT EXISTS checksum text
