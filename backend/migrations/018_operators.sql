-- What operators' commands keep and share.

-- Networks whose requests are refused. expires_at null: until it is removed.
CREATE TABLE blocked_addresses (
    cidr cidr PRIMARY KEY,
    expires_at timestamptz,
    created_at timestamptz NOT NULL DEFAULT now(),
    reason text NOT NULL DEFAULT ''
);

-- Another number after each change of blocked_addresses, whoever makes it: what processes look at a few times a second instead of the networks.
-- A row and not a sequence: its change is seen together with theirs.
CREATE TABLE blocked_addresses_version (
    one boolean PRIMARY KEY DEFAULT true,
    version bigint NOT NULL DEFAULT 1,
    CONSTRAINT blocked_addresses_version_one_row CHECK (one)
);
INSERT INTO blocked_addresses_version DEFAULT VALUES;

CREATE FUNCTION note_blocked_addresses() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    UPDATE blocked_addresses_version SET version = version + 1;
    RETURN NULL;
END
$$;

CREATE TRIGGER blocked_addresses_note_change AFTER INSERT OR UPDATE OR DELETE OR TRUNCATE ON blocked_addresses
    FOR EACH STATEMENT EXECUTE FUNCTION note_blocked_addresses();

-- What kind of error it is, without what differs from job to job: UUIDs, what was quoted (it may be a user's), and numbers but for statuses of three
-- digits and SQLSTATEs.
CREATE FUNCTION error_kind(error text) RETURNS text LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT left(regexp_replace(regexp_replace(regexp_replace(error,
        '[0-9A-Fa-f]{8}(-[0-9A-Fa-f]{4}){3}-[0-9A-Fa-f]{12}', 'ID', 'g'), '"[^"]*("|$)', '"…"', 'g'),
        '(?<![0-9A-Z]|failed with )(?![0-9]{3}(?![0-9]))[0-9]+', 'N', 'g'), 120)
$$;

-- The last seven UTC days of a persona whose activity is newer than their digest, or has none.
CREATE FUNCTION stale_digest_days(persona uuid) RETURNS SETOF date LANGUAGE sql STABLE PARALLEL SAFE AS $$
    SELECT active.day
    FROM (SELECT (created_at AT TIME ZONE 'UTC')::date AS day, max(created_at) AS latest FROM persona_activity_events
          WHERE persona_id = persona AND created_at <= now() AND created_at >= ((now() AT TIME ZONE 'UTC')::date - 6)::timestamp AT TIME ZONE 'UTC'
          GROUP BY 1) active
    LEFT JOIN persona_digests d ON d.persona_id = persona AND d.date = active.day
    WHERE d.updated_at IS NULL OR d.updated_at < active.latest
$$;
