-- Idempotency-Key: a request that is repeated with its key has one effect and one answer.

-- A key is a user's for a route. While a request waits for the model its key is held, without an
-- answer, as long as its `unit` of a quota is reserved (quota_events). An answer stands for a day
-- from the commit of its effect. After `expires_at` the row counts as none, and the workers delete
-- it.
CREATE TABLE idempotency_keys (
    user_id uuid NOT NULL REFERENCES users ON DELETE CASCADE,
    route text NOT NULL,
    key text NOT NULL,
    request_hash bytea NOT NULL,
    holder uuid NOT NULL,
    status int,
    answer text,
    unit bigint,
    expires_at timestamptz NOT NULL,
    PRIMARY KEY (user_id, route, key),
    CONSTRAINT idempotency_keys_answered CHECK ((status IS NULL) = (answer IS NULL))
);
CREATE INDEX idempotency_keys_by_expiry ON idempotency_keys (expires_at);
CREATE INDEX idempotency_keys_held ON idempotency_keys (unit) WHERE status IS NULL;

-- Takes a key for the transaction; the functions below then are about it. Without it they do
-- nothing, so statements call them for requests with and without a key.
-- A key of another request ends the transaction (SQLSTATE PWKEY): one that is under way, or one
-- that has an answer or holds the key. A `holder` is one request: its later transactions may have
-- the key again. Nobody waits for the lock. The look at the table is a statement of its own, so
-- that it sees what was committed before the lock was had.
CREATE FUNCTION claim_key(of_user uuid, of_route text, name text, hash text, by_holder uuid) RETURNS void
LANGUAGE plpgsql AS $$
DECLARE
    claimed idempotency_keys := ROW(of_user, of_route, name, decode(hash, 'hex'), by_holder, NULL, NULL, NULL, NULL);
    lock bigint := hashtextextended(concat_ws(' ', 'personaworlds.idempotency_key', of_user, of_route, name), 0);
BEGIN
    IF NOT pg_try_advisory_xact_lock(lock) THEN
        RAISE SQLSTATE 'PWKEY' USING MESSAGE = 'idempotency key is in use';
    END IF;
    IF EXISTS (SELECT FROM idempotency_keys k
               WHERE k.user_id = of_user AND k.route = of_route AND k.key = name
                 AND k.expires_at > statement_timestamp() AND (k.status IS NOT NULL OR k.holder <> by_holder)) THEN
        RAISE SQLSTATE 'PWKEY' USING MESSAGE = 'idempotency key was used';
    END IF;
    PERFORM set_config('personaworlds.idempotency_key', claimed::text, true);
END
$$;

CREATE FUNCTION is_key_claimed() RETURNS boolean LANGUAGE sql STABLE AS $$
    SELECT coalesce(current_setting('personaworlds.idempotency_key', true), '') <> ''
$$;

-- Writes the claimed key's row.
CREATE FUNCTION write_key(new_status int, new_answer text, by_unit bigint, until timestamptz) RETURNS void
LANGUAGE plpgsql AS $$
DECLARE
    claimed idempotency_keys := current_setting('personaworlds.idempotency_key')::idempotency_keys;
BEGIN
    INSERT INTO idempotency_keys (user_id, route, key, request_hash, holder, status, answer, unit, expires_at)
    VALUES (claimed.user_id, claimed.route, claimed.key, claimed.request_hash, claimed.holder, new_status, new_answer,
            by_unit, until)
    ON CONFLICT (user_id, route, key) DO UPDATE SET
        request_hash = excluded.request_hash, holder = excluded.holder, status = excluded.status,
        answer = excluded.answer, unit = excluded.unit, expires_at = excluded.expires_at;
END
$$;

-- The request goes on after this transaction, and holds its key as long as its unit: should its
-- process die, both come back by themselves.
CREATE FUNCTION hold_key(by_unit bigint, until timestamptz) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    IF is_key_claimed() THEN
        PERFORM write_key(NULL, NULL, by_unit, until);
    END IF;
END
$$;

-- The request that held a key until now has failed: the key may be used again.
CREATE FUNCTION free_key() RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    claimed idempotency_keys := current_setting('personaworlds.idempotency_key')::idempotency_keys;
BEGIN
    DELETE FROM idempotency_keys k
    WHERE k.user_id = claimed.user_id AND k.route = claimed.route AND k.key = claimed.key
      AND k.holder = claimed.holder AND k.status IS NULL;
END
$$;

CREATE FUNCTION record_answer(status int, body text) RETURNS text LANGUAGE plpgsql AS $$
BEGIN
    IF status < 400 THEN
        PERFORM write_key(status, body, NULL, statement_timestamp() + interval '24 hours');
    ELSE
        PERFORM free_key();
    END IF;
    RETURN body;
END
$$;

-- Keeps what the statement answers for repetitions of the request, and gives the body back. Of a
-- refusal nothing is kept, so that it may be tried again. Where status and body are simple (columns
-- of a CTE) the planner puts the expression in place of the call, so a request without a key pays
-- for a look at a setting; a call of PL/pgSQL would cost it 5 us.
CREATE FUNCTION keep_answer(status int, body text) RETURNS text LANGUAGE sql AS $$
    SELECT CASE WHEN is_key_claimed() THEN record_answer(status, body) ELSE body END
$$;
