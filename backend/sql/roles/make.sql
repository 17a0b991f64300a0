-- The roles of the cluster, each made where it isn't there yet. None has a password; operators may
-- look at others' sessions, and end them; the worker sees how far standbys are.
-- No rows.
-- writes
DO $$
DECLARE
    role text;
    given record;
BEGIN
    FOREACH role IN ARRAY '{personaworlds_owner,personaworlds_api,personaworlds_worker,personaworlds_ops}'::text[] LOOP
        IF to_regrole(role) IS NULL THEN
            EXECUTE format('CREATE ROLE %I LOGIN', role);
        END IF;
    END LOOP;
    FOR given IN SELECT * FROM (VALUES ('pg_read_all_stats', 'personaworlds_ops'),
                                       ('pg_signal_backend', 'personaworlds_ops'),
                                       ('pg_read_all_stats', 'personaworlds_worker')) AS given (role, member) LOOP
        IF NOT pg_has_role(given.member, given.role, 'MEMBER') THEN
            EXECUTE format('GRANT %I TO %I', given.role, given.member);
        END IF;
    END LOOP;
END
$$
