-- Mails with links: to verify an address, and to set a new password.

-- A link's token is known to its mail alone; here is its hash, so who reads this table can use no
-- link. It counts once, until it expires, for the address that it was sent to.
CREATE TABLE mail_links (
    token_hash bytea PRIMARY KEY,
    user_id uuid NOT NULL REFERENCES users ON DELETE CASCADE,
    purpose text NOT NULL,
    email text NOT NULL,
    created_at timestamptz NOT NULL DEFAULT now(),
    expires_at timestamptz NOT NULL,
    CONSTRAINT mail_links_purpose_known CHECK (purpose IN ('verification', 'reset'))
);
CREATE INDEX mail_links_by_user ON mail_links (user_id, purpose, created_at);
CREATE INDEX mail_links_by_expiry ON mail_links (expires_at);

-- How many mails were asked for to an address, whether it has an account or not. The bucket is a
-- hash under the program's key, and so tells no address.
CREATE TABLE mail_asks (
    bucket bytea PRIMARY KEY,
    began_at timestamptz NOT NULL,
    asks int NOT NULL
);
CREATE INDEX mail_asks_began ON mail_asks (began_at);

-- Counts a mail to an address; null where there were `most` in the time.
CREATE FUNCTION count_mail_ask(key text, purpose text, email text, most int, span interval) RETURNS boolean
LANGUAGE sql AS $$
    INSERT INTO mail_asks AS a (bucket, began_at, asks)
    VALUES (sha256(convert_to(concat_ws(' ', key, purpose, lower(email)), 'UTF8')), statement_timestamp(), 1)
    ON CONFLICT (bucket) DO UPDATE SET
        began_at = CASE WHEN a.began_at > excluded.began_at - span THEN a.began_at ELSE excluded.began_at END,
        asks = CASE WHEN a.began_at > excluded.began_at - span THEN a.asks + 1 ELSE 1 END
    WHERE a.asks < most OR a.began_at <= excluded.began_at - span
    RETURNING true
$$;

-- Asks for a mail to a user. One that waits stays as it is; beside one that is being sent another
-- is sent.
CREATE FUNCTION ask_for_mail(type text, to_user uuid, request text) RETURNS boolean LANGUAGE sql AS $$
    INSERT INTO jobs (job_type, user_id, request_id, trace_id) VALUES (type, to_user, request, request)
    ON CONFLICT (job_type, persona_id, post_id, user_id, subject_date)
        WHERE status IN ('PENDING', 'PROCESSING') AND coalesce(post_id, persona_id, user_id) IS NOT NULL
        DO UPDATE SET dirty = true WHERE jobs.status = 'PROCESSING'
    RETURNING true
$$;

-- Asks for the mail that verifies a user's address; null where the address got five in a day. Who
-- signs up with somebody else's address, or changes his own to it, must not fill a stranger's box.
CREATE FUNCTION ask_for_verification(to_user uuid, key text, email text, request text) RETURNS boolean
LANGUAGE sql AS $$
    SELECT ask_for_mail('verification_mail', to_user, request)
    WHERE count_mail_ask(key, 'verification', email, 5, interval '1 day')
$$;
