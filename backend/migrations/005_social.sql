-- Public profiles, follows, events and notifications.

CREATE TABLE persona_public_profiles (
    persona_id uuid PRIMARY KEY REFERENCES personas ON DELETE CASCADE,
    slug text NOT NULL,
    is_public boolean NOT NULL DEFAULT true,
    bio text NOT NULL DEFAULT '',
    created_at timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT persona_public_profiles_slug_unique UNIQUE (slug)
);

CREATE TABLE persona_follows (
    follower_user_id uuid NOT NULL REFERENCES users ON DELETE CASCADE,
    followed_persona_id uuid NOT NULL REFERENCES personas ON DELETE CASCADE,
    created_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (follower_user_id, followed_persona_id)
);

CREATE INDEX persona_follows_by_persona ON persona_follows (followed_persona_id);

CREATE TABLE events (
    id bigserial PRIMARY KEY,
    user_id uuid REFERENCES users ON DELETE SET NULL,
    event_name text NOT NULL,
    metadata jsonb NOT NULL DEFAULT '{}',
    created_at timestamptz NOT NULL DEFAULT now()
);

CREATE INDEX events_by_name ON events (event_name, created_at);
CREATE INDEX events_by_user ON events (user_id, created_at) WHERE user_id IS NOT NULL;

CREATE TABLE notifications (
    id bigserial PRIMARY KEY,
    user_id uuid NOT NULL REFERENCES users ON DELETE CASCADE,
    actor_user_id uuid REFERENCES users ON DELETE SET NULL,
    type text NOT NULL,
    title text NOT NULL,
    body text NOT NULL DEFAULT '',
    metadata jsonb NOT NULL DEFAULT '{}',
    read_at timestamptz,
    created_at timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT notifications_type_known CHECK (type IN ('battle_remixed', 'template_used', 'persona_followed'))
);

CREATE INDEX notifications_by_user ON notifications (user_id, id DESC);
CREATE INDEX notifications_unread ON notifications (user_id) WHERE read_at IS NULL;
