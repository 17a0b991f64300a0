-- Whether rights can be granted here: the roles are there, and this role owns the tables.
-- One row: can_grant bool
SELECT to_regrole('personaworlds_api') IS NOT NULL AND to_regrole('personaworlds_worker') IS NOT NULL
       AND to_regrole('personaworlds_ops') IS NOT NULL
       AND coalesce((SELECT pg_has_role(relowner, 'USAGE') FROM pg_class WHERE oid = to_regclass('schema_migrations')),
                    false)
