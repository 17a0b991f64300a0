-- Users and their personas.

CREATE TABLE users (
    id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
    email text NOT NULL,
    password_hash text NOT NULL,
    last_active_at timestamptz,
    created_at timestamptz NOT NULL DEFAULT now(),
    updated_at timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT users_email_unique UNIQUE (email)
);

CREATE TABLE personas (
    id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
    user_id uuid NOT NULL REFERENCES users ON DELETE CASCADE,
    name text NOT NULL,
    bio text NOT NULL DEFAULT '',
    tone text NOT NULL DEFAULT 'neutral',
    writing_samples jsonb NOT NULL DEFAULT '[]',
    do_not_say jsonb NOT NULL DEFAULT '[]',
    catchphrases jsonb NOT NULL DEFAULT '[]',
    preferred_language text NOT NULL DEFAULT 'en',
    formality smallint NOT NULL DEFAULT 1,
    daily_draft_quota int NOT NULL DEFAULT 5,
    daily_reply_quota int NOT NULL DEFAULT 25,
    created_at timestamptz NOT NULL DEFAULT now(),
    updated_at timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT personas_writing_samples_list CHECK (jsonb_typeof(writing_samples) = 'array'),
    CONSTRAINT personas_do_not_say_list CHECK (jsonb_typeof(do_not_say) = 'array'),
    CONSTRAINT personas_catchphrases_list CHECK (jsonb_typeof(catchphrases) = 'array'),
    CONSTRAINT personas_language_known CHECK (preferred_language IN ('tr', 'en')),
    CONSTRAINT personas_formality_range CHECK (formality BETWEEN 0 AND 3),
    CONSTRAINT personas_draft_quota_range CHECK (daily_draft_quota >= 0),
    CONSTRAINT personas_reply_quota_range CHECK (daily_reply_quota >= 0)
);

-- A user's personas, newest first (the list) or oldest first (who replies).
CREATE INDEX personas_by_user ON personas (user_id, created_at, id);
