-- The roles of the cluster, each made where it isn't there yet. None has a password; operators may
-- look at others' sessions, and end them.
-- No rows.
-- writes
DO $$
DECLARE
    role text;
BEGIN
    FOREACH role IN ARRAY '{personaworlds_owner,personaworlds_api,personaworlds_worker,personaworlds_ops}'::text[] LOOP
        IF to_regrole(role) IS NULL THEN
            EXECUTE format('CREATE ROLE %I LOGIN', role);
        END IF;
    END LOOP;
    FOREACH role IN ARRAY '{pg_read_all_stats,pg_signal_backend}'::text[] LOOP
        IF NOT pg_has_role('personaworlds_ops', role, 'MEMBER') THEN
            EXECUTE format('GRANT %I TO personaworlds_ops', role);
        END IF;
    END LOOP;
END
$$
