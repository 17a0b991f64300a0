-- What the model's calls cost, by the user who asks for them. A deletion gives nothing back: a unit
-- whose persona is gone stays, as its user's.

-- calls: of the model, to the user's account; a unit that nobody's account has has 0. Type 'call':
-- of no persona's quota: replies that were asked for, and texts that weren't stored.
ALTER TABLE quota_events
    ADD COLUMN user_id uuid,
    ADD COLUMN calls int NOT NULL DEFAULT 0,
    ALTER COLUMN persona_id DROP NOT NULL,
    DROP CONSTRAINT quota_events_persona_id_fkey,
    DROP CONSTRAINT quota_events_type_known;

-- NOT VALID: the rows that are there keep the rules that were dropped, and aren't read again.
ALTER TABLE quota_events
    ADD CONSTRAINT quota_events_persona_id_fkey FOREIGN KEY (persona_id) REFERENCES personas ON DELETE SET NULL
        NOT VALID,
    ADD CONSTRAINT quota_events_user_id_fkey FOREIGN KEY (user_id) REFERENCES users ON DELETE CASCADE NOT VALID,
    ADD CONSTRAINT quota_events_type_known CHECK (quota_type IN ('draft', 'reply', 'preview', 'call')) NOT VALID;

-- The model's calls of a user on this UTC day. A reservation that ran out counts: its texts may
-- have been written.
CREATE FUNCTION model_calls_today(of_user uuid) RETURNS bigint LANGUAGE sql STABLE PARALLEL SAFE AS $$
    SELECT coalesce(sum(calls), 0) FROM quota_events
    WHERE user_id = of_user AND created_at >= date_trunc('day', statement_timestamp(), 'UTC')
$$;

-- Summaries that readers have asked for: by network, hashed, and of all who aren't signed in. A
-- window is fixed, and begins with its first job.
CREATE TABLE summary_asks (
    bucket text PRIMARY KEY,
    began_at timestamptz NOT NULL,
    jobs int NOT NULL
);
CREATE INDEX summary_asks_began ON summary_asks (began_at);

-- Counts a job in its bucket; null where the bucket is full.
CREATE FUNCTION count_summary_ask(of_bucket text, most int, window_ms bigint) RETURNS boolean LANGUAGE sql AS $$
    INSERT INTO summary_asks AS a (bucket, began_at, jobs) VALUES (of_bucket, statement_timestamp(), 1)
    ON CONFLICT (bucket) DO UPDATE SET
        began_at = CASE WHEN a.began_at > excluded.began_at - window_ms * interval '1 millisecond'
                        THEN a.began_at ELSE excluded.began_at END,
        jobs = CASE WHEN a.began_at > excluded.began_at - window_ms * interval '1 millisecond'
                    THEN a.jobs + 1 ELSE 1 END
    WHERE a.jobs < most OR a.began_at <= excluded.began_at - window_ms * interval '1 millisecond'
    RETURNING true
$$;
