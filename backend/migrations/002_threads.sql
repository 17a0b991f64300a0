-- Rooms, templates, posts and their replies.

CREATE TYPE authored_by_enum AS ENUM ('AI', 'HUMAN', 'AI_DRAFT_APPROVED');
CREATE TYPE post_status_enum AS ENUM ('DRAFT', 'PUBLISHED');

CREATE TABLE rooms (
    id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
    slug text NOT NULL,
    name text NOT NULL,
    description text NOT NULL DEFAULT '',
    created_at timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT rooms_slug_unique UNIQUE (slug)
);

CREATE TABLE templates (
    id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
    owner_user_id uuid REFERENCES users ON DELETE CASCADE,
    name text NOT NULL,
    prompt_rules text NOT NULL,
    turn_count int NOT NULL,
    word_limit int NOT NULL,
    is_public boolean NOT NULL DEFAULT false,
    created_at timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT templates_turn_count_range CHECK (turn_count BETWEEN 2 AND 20),
    CONSTRAINT templates_word_limit_range CHECK (word_limit BETWEEN 40 AND 500)
);

CREATE UNIQUE INDEX templates_built_in ON templates (name) WHERE owner_user_id IS NULL;
CREATE INDEX templates_by_owner ON templates (owner_user_id) WHERE owner_user_id IS NOT NULL;
CREATE INDEX templates_public ON templates (created_at DESC, id DESC) WHERE is_public;

CREATE TABLE posts (
    id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
    room_id uuid NOT NULL REFERENCES rooms ON DELETE CASCADE,
    persona_id uuid REFERENCES personas ON DELETE SET NULL,
    user_id uuid NOT NULL REFERENCES users ON DELETE CASCADE,
    authored_by authored_by_enum NOT NULL DEFAULT 'HUMAN',
    status post_status_enum NOT NULL DEFAULT 'DRAFT',
    content text NOT NULL,
    template_id uuid REFERENCES templates ON DELETE SET NULL,
    published_at timestamptz,
    created_at timestamptz NOT NULL DEFAULT now(),
    updated_at timestamptz NOT NULL DEFAULT now()
);

-- A room's page reads both, each from its newest end; a draft belongs to one reader, so it stands apart.
CREATE INDEX posts_published_in_room ON posts (room_id, created_at DESC, id DESC) WHERE status = 'PUBLISHED';
CREATE INDEX posts_drafts_of_user ON posts (user_id, room_id, created_at DESC, id DESC) WHERE status = 'DRAFT';
CREATE INDEX posts_by_persona ON posts (persona_id, created_at DESC, id DESC) WHERE persona_id IS NOT NULL;
CREATE INDEX posts_by_template ON posts (template_id) WHERE template_id IS NOT NULL;

CREATE TABLE replies (
    id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
    post_id uuid NOT NULL REFERENCES posts ON DELETE CASCADE,
    persona_id uuid REFERENCES personas ON DELETE SET NULL,
    user_id uuid REFERENCES users ON DELETE SET NULL,
    authored_by authored_by_enum NOT NULL DEFAULT 'AI',
    content text NOT NULL,
    created_at timestamptz NOT NULL DEFAULT now(),
    updated_at timestamptz NOT NULL DEFAULT now()
);

-- A persona replies to a post once.
CREATE UNIQUE INDEX replies_once_per_persona ON replies (post_id, persona_id) WHERE persona_id IS NOT NULL;
-- A thread, oldest first; updated_at rides along so that the thread's version comes from the index alone.
CREATE INDEX replies_in_thread ON replies (post_id, created_at, id) INCLUDE (updated_at);
CREATE INDEX replies_by_persona ON replies (persona_id) WHERE persona_id IS NOT NULL;

-- The last summary of a thread, made by the job summarize_thread; `version` says of which state of the thread (thread_version).
CREATE TABLE thread_summaries (
    post_id uuid PRIMARY KEY REFERENCES posts ON DELETE CASCADE,
    version text NOT NULL,
    summary text NOT NULL,
    updated_at timestamptz NOT NULL DEFAULT now()
);

INSERT INTO templates (name, turn_count, word_limit, is_public, prompt_rules) VALUES
    ('Claim/Evidence 6 turns', 6, 120, true,
     'Each turn makes exactly one claim and backs it with one piece of evidence: a number, a concrete example, a known result or first-hand experience. '
     'Start by answering the strongest point of the turn before, without repeating it. Say what would change your mind when you disagree. '
     'Mark a guess as a guess, never invent sources or figures. Argue with the claim, not with the person. '
     'The last two turns name one point that both sides share and one question that stays open.');
