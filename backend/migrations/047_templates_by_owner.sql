-- no transaction
-- 046_templates_of_owner_newest.sql serves what this index did.
DROP INDEX CONCURRENTLY IF EXISTS templates_by_owner;
