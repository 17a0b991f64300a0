-- Sessions and their end, deletion of accounts, administrators.

-- email_verified_at: when the owner of the address was seen to read its mail; null: never.
ALTER TABLE users ADD COLUMN language text, ADD COLUMN email_verified_at timestamptz;
-- All rows that are there have null: they need no check, which would read the whole table.
ALTER TABLE users ADD CONSTRAINT users_language_known CHECK (language IN ('tr', 'en')) NOT VALID;

-- Where somebody is logged in: tokens name their session. It ends with its latest token, or when
-- `ended_at` is set, by whomever.
CREATE TABLE sessions (
    id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
    user_id uuid NOT NULL REFERENCES users ON DELETE CASCADE,
    user_agent text NOT NULL DEFAULT '',
    created_at timestamptz NOT NULL DEFAULT now(),
    last_seen_at timestamptz NOT NULL DEFAULT now(),
    -- of the latest token, which lives as long as the program says (api/account/session.h)
    expires_at timestamptz NOT NULL DEFAULT now() + interval '24 hours',
    ended_at timestamptz
);
CREATE INDEX sessions_by_user ON sessions (user_id, last_seen_at DESC, id DESC);
CREATE INDEX sessions_by_expiry ON sessions (expires_at);

-- Sessions that ended, and users whose account is being deleted, until the last of their tokens has
-- expired. Processes keep these ids in memory, so that no request looks them up. An id is no
-- reference: its row may be gone.
CREATE TABLE revocations (
    id uuid PRIMARY KEY,
    version bigint NOT NULL,
    expires_at timestamptz NOT NULL
);
CREATE INDEX revocations_by_version ON revocations (version, id) INCLUDE (expires_at);

-- Another number with each change of revocations: what processes look at a few times a second. Its
-- row stays locked until the change's commit, so versions are committed in their order, and who has
-- read up to one has read all below it.
CREATE TABLE revocations_version (
    one boolean PRIMARY KEY DEFAULT true,
    version bigint NOT NULL DEFAULT 1,
    CONSTRAINT revocations_version_one_row CHECK (one)
) WITH (fillfactor = 20);
INSERT INTO revocations_version DEFAULT VALUES;

-- An hour more than the tokens live forgives clocks that differ.
CREATE FUNCTION revoke_tokens(ids uuid[], expire_at timestamptz[]) RETURNS void LANGUAGE sql AS $$
    WITH changed AS (UPDATE revocations_version SET version = version + 1 RETURNING version)
    INSERT INTO revocations (id, version, expires_at)
    SELECT r.id, changed.version, r.expires_at + interval '1 hour'
    FROM changed, unnest(ids, expire_at) AS r(id, expires_at)
    ON CONFLICT (id) DO UPDATE SET version = excluded.version, expires_at = excluded.expires_at
$$;

CREATE FUNCTION revoke_ended_sessions() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    ids uuid[];
    expire_at timestamptz[];
BEGIN
    SELECT array_agg(n.id), array_agg(n.expires_at) INTO ids, expire_at
    FROM new_sessions n JOIN old_sessions o USING (id) WHERE n.ended_at IS NOT NULL AND o.ended_at IS NULL;
    IF ids IS NOT NULL THEN
        PERFORM revoke_tokens(ids, expire_at);
    END IF;
    RETURN NULL;
END
$$;

CREATE TRIGGER sessions_revoke_ended AFTER UPDATE ON sessions
    REFERENCING OLD TABLE AS old_sessions NEW TABLE AS new_sessions
    FOR EACH STATEMENT EXECUTE FUNCTION revoke_ended_sessions();

-- Accounts that are being deleted: tokens and logins are refused from the beginning on, rows go in
-- batches (the worker's upkeep), the user last.
CREATE TABLE account_deletions (
    user_id uuid PRIMARY KEY REFERENCES users ON DELETE CASCADE,
    requested_at timestamptz NOT NULL DEFAULT now()
);

CREATE FUNCTION revoke_deleted_accounts() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM revoke_tokens(array_agg(user_id), array_agg(now() + interval '24 hours'))
    FROM new_deletions HAVING count(*) > 0;
    RETURN NULL;
END
$$;

CREATE TRIGGER account_deletions_revoke AFTER INSERT ON account_deletions
    REFERENCING NEW TABLE AS new_deletions FOR EACH STATEMENT EXECUTE FUNCTION revoke_deleted_accounts();

-- Who may see what administrators see, by `personaworlds admin`.
CREATE TABLE administrators (
    user_id uuid PRIMARY KEY REFERENCES users ON DELETE CASCADE,
    granted_at timestamptz NOT NULL DEFAULT now()
);

-- Each grant and revocation. made_by: the host's user and the host. user_id null: the account is
-- gone.
CREATE TABLE administrator_changes (
    id bigserial PRIMARY KEY,
    user_id uuid REFERENCES users ON DELETE SET NULL,
    change text NOT NULL,
    made_by text NOT NULL,
    made_at timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT administrator_changes_change_known CHECK (change IN ('grant', 'revoke'))
);
CREATE INDEX administrator_changes_of_user ON administrator_changes (user_id) WHERE user_id IS NOT NULL;

-- `emails` are the addresses of ADMIN_EMAILS, separated by commas, which count once they are
-- verified; null: where nobody was granted anything, everybody is an administrator.
CREATE FUNCTION is_administrator(caller uuid, emails text) RETURNS boolean LANGUAGE sql STABLE PARALLEL SAFE AS $$
    SELECT EXISTS (SELECT FROM administrators WHERE user_id = caller)
        OR emails IS NULL AND NOT EXISTS (SELECT FROM administrators)
        OR EXISTS (SELECT FROM users
                   WHERE id = caller AND email_verified_at IS NOT NULL
                     AND lower(email) = ANY (regexp_split_to_array(lower(emails), '[\s,]+')))
$$;

-- The time after which an export goes on in a kind of rows; `at` is where it stands in `at_kind`,
-- in microseconds since 1970.
CREATE FUNCTION export_from(kind int, at_kind int, at bigint) RETURNS timestamptz
LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT CASE WHEN kind < at_kind THEN 'infinity' WHEN kind > at_kind THEN '-infinity'
                WHEN at BETWEEN -200000000000000000 AND 200000000000000000
                THEN timestamptz '1970-01-01 00:00:00Z' + at * interval '1 microsecond'
                WHEN at > 0 THEN 'infinity' ELSE '-infinity' END
$$;

-- Ends of time are the greatest and the least number.
CREATE FUNCTION micros_of(at timestamptz) RETURNS bigint LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT CASE WHEN isfinite(at) THEN (extract(epoch FROM at) * 1000000)::bigint
                WHEN at > '2000-01-01 00:00:00Z' THEN 9223372036854775807 ELSE -9223372036854775807 END
$$;

CREATE FUNCTION least_uuid() RETURNS uuid LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT '00000000-0000-0000-0000-000000000000'::uuid
$$;
