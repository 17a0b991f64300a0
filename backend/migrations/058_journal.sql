-- The journal: what happened to the services and what operators did, as it happened, for the
-- timeline of an incident. Entries are added, and go when they are old; nobody changes one.

-- `entry` is made by who writes, so that one that is sent twice is there once. `at` is when it was
-- seen, recorded_at when it was written: in between the database may have been away. `who` is the
-- host's user and the host of a command, the name and instance of a service. An incident is its
-- two entries, incident_opened and incident_closed, with its number.
CREATE TABLE journal (
    id bigserial PRIMARY KEY,
    entry uuid NOT NULL DEFAULT gen_random_uuid(),
    at timestamptz NOT NULL,
    recorded_at timestamptz NOT NULL DEFAULT now(),
    who text NOT NULL,
    kind text NOT NULL,
    what text NOT NULL,
    incident bigint,
    CONSTRAINT journal_entry_once UNIQUE (entry),
    CONSTRAINT journal_incident_once UNIQUE (incident, kind),
    CONSTRAINT journal_at_finite CHECK (isfinite(at)),
    CONSTRAINT journal_who_bounded CHECK (length(who) BETWEEN 1 AND 200),
    CONSTRAINT journal_kind_bounded CHECK (kind ~ '^[a-z_]{1,40}$'),
    CONSTRAINT journal_what_bounded CHECK (length(what) BETWEEN 1 AND 2000)
);

-- Not even the owner changes an entry by mistake. What is younger than any JOURNAL_RETENTION stays.
CREATE FUNCTION keep_journal() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'DELETE' AND OLD.recorded_at < now() - interval '29 days' THEN
        RETURN OLD;
    END IF;
    RAISE EXCEPTION 'the journal is added to, never changed' USING ERRCODE = 'insufficient_privilege';
END
$$;

CREATE TRIGGER journal_is_kept BEFORE UPDATE OR DELETE ON journal
    FOR EACH ROW EXECUTE FUNCTION keep_journal();
CREATE TRIGGER journal_is_kept_whole BEFORE TRUNCATE ON journal
    FOR EACH STATEMENT EXECUTE FUNCTION keep_journal();
