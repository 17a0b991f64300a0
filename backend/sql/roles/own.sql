-- personaworlds_owner gets this database and what is in its schema `public`; PUBLIC keeps nothing
-- of both. Whoever owned a part before, and is no superuser, becomes a member of
-- personaworlds_owner, so that services which still log in as that role go on.
-- What is owned already isn't touched: a second run takes no lock. Extensions keep what is theirs,
-- and a sequence or a table's row type follows its table.
-- No rows.
-- writes
DO $$
DECLARE
    owner oid := 'personaworlds_owner'::regrole;
    part record;
BEGIN
    FOR part IN
        SELECT 'DATABASE' AS kind, format('%I', datname) AS name, datdba AS before, 0 AS place
        FROM pg_database WHERE datname = current_database()
        UNION ALL
        SELECT CASE relkind WHEN 'v' THEN 'VIEW' WHEN 'm' THEN 'MATERIALIZED VIEW' WHEN 'S' THEN 'SEQUENCE'
                            ELSE 'TABLE' END,
               c.oid::regclass::text, relowner, 1
        FROM pg_class c
        WHERE relnamespace = 'public'::regnamespace AND relkind IN ('r', 'p', 'v', 'm', 'S')
          AND NOT EXISTS (SELECT FROM pg_depend
                          WHERE classid = 'pg_class'::regclass AND objid = c.oid
                            AND (deptype = 'e' OR relkind = 'S' AND deptype IN ('a', 'i')))
        UNION ALL
        SELECT 'ROUTINE', p.oid::regprocedure::text, proowner, 2
        FROM pg_proc p
        WHERE pronamespace = 'public'::regnamespace
          AND NOT EXISTS (SELECT FROM pg_depend WHERE classid = 'pg_proc'::regclass AND objid = p.oid AND deptype = 'e')
        UNION ALL
        SELECT 'TYPE', t.oid::regtype::text, typowner, 3
        FROM pg_type t
        WHERE typnamespace = 'public'::regnamespace AND typtype IN ('e', 'd')
          AND NOT EXISTS (SELECT FROM pg_depend WHERE classid = 'pg_type'::regclass AND objid = t.oid AND deptype = 'e')
        ORDER BY place, name
    LOOP
        CONTINUE WHEN part.before = owner;
        EXECUTE format('ALTER %s %s OWNER TO personaworlds_owner', part.kind, part.name);
        IF NOT (SELECT rolsuper FROM pg_roles WHERE oid = part.before)
           AND NOT pg_has_role(part.before, owner, 'MEMBER') THEN
            EXECUTE format('GRANT personaworlds_owner TO %s', part.before::regrole);
        END IF;
    END LOOP;
    EXECUTE format('REVOKE ALL ON DATABASE %I FROM PUBLIC', current_database());
    EXECUTE format('GRANT CONNECT ON DATABASE %I TO personaworlds_api, personaworlds_worker, personaworlds_ops',
                   current_database());
    REVOKE ALL ON SCHEMA public FROM PUBLIC;
    GRANT USAGE, CREATE ON SCHEMA public TO personaworlds_owner;
    GRANT USAGE ON SCHEMA public TO personaworlds_api, personaworlds_worker, personaworlds_ops;
END
$$
