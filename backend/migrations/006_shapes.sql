-- The JSON that several statements answer with. The functions are single expressions, which the planner puts in place of the call; their
-- volatility is that of what they use, as it must be for that.

-- RFC 3339 with microseconds: 2026-11-23T20:15:00.123456Z
CREATE FUNCTION utc(at timestamptz) RETURNS text LANGUAGE sql STABLE PARALLEL SAFE AS $$
    SELECT to_char(at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"')
$$;

-- One line of at most 220 characters.
CREATE FUNCTION preview(content text) RETURNS text LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT left(btrim(regexp_replace(content, '\s+', ' ', 'g')), 220)
$$;

-- A member of free JSON as a number, 0 where it is none.
CREATE FUNCTION number_in(value jsonb, member text) RETURNS numeric LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT CASE WHEN jsonb_typeof(value->member) = 'number' THEN (value->member)::numeric ELSE 0 END
$$;

CREATE FUNCTION persona_json(p personas) RETURNS json LANGUAGE sql STABLE PARALLEL SAFE AS $$
    SELECT json_build_object('id', p.id, 'name', p.name, 'bio', p.bio, 'tone', p.tone,
        'writing_samples', p.writing_samples, 'do_not_say', p.do_not_say, 'catchphrases', p.catchphrases,
        'preferred_language', p.preferred_language, 'formality', p.formality,
        'daily_draft_quota', p.daily_draft_quota, 'daily_reply_quota', p.daily_reply_quota,
        'created_at', utc(p.created_at), 'updated_at', utc(p.updated_at))
$$;

CREATE FUNCTION post_json(p posts, persona_name text) RETURNS json LANGUAGE sql STABLE PARALLEL SAFE AS $$
    SELECT json_strip_nulls(json_build_object('id', p.id, 'room_id', p.room_id, 'persona_id', p.persona_id, 'persona_name', persona_name,
        'authored_by', p.authored_by, 'status', p.status, 'content', p.content, 'created_at', utc(p.created_at), 'updated_at', utc(p.updated_at)))
$$;

CREATE FUNCTION reply_json(r replies, persona_name text) RETURNS json LANGUAGE sql STABLE PARALLEL SAFE AS $$
    SELECT json_strip_nulls(json_build_object('id', r.id, 'post_id', r.post_id, 'persona_id', r.persona_id, 'persona_name', persona_name,
        'authored_by', r.authored_by, 'content', r.content, 'created_at', utc(r.created_at), 'updated_at', utc(r.updated_at)))
$$;

-- What a model is told about a persona (the brief's member `persona`).
CREATE FUNCTION persona_brief(p personas) RETURNS json LANGUAGE sql STABLE PARALLEL SAFE AS $$
    SELECT json_build_object('name', p.name, 'bio', p.bio, 'tone', p.tone,
        'preferred_language', p.preferred_language, 'formality', p.formality,
        'writing_samples', p.writing_samples, 'do_not_say', p.do_not_say, 'catchphrases', p.catchphrases)
$$;

-- A thread's state: it changes with the post, and with each reply that comes, goes or is edited.
CREATE FUNCTION thread_version(post_updated_at timestamptz, replies bigint, last_reply_updated_at timestamptz) RETURNS text
LANGUAGE sql STABLE PARALLEL SAFE AS $$
    SELECT utc(post_updated_at) || ' ' || replies || coalesce(' ' || utc(last_reply_updated_at), '')
$$;

CREATE FUNCTION empty_digest_json(persona_id uuid) RETURNS json LANGUAGE sql STABLE PARALLEL SAFE AS $$
    SELECT json_build_object('persona_id', persona_id, 'date', (now() AT TIME ZONE 'UTC')::date, 'summary', '',
        'stats', json_build_object('posts', 0, 'replies', 0, 'top_threads', json_build_array()), 'has_activity', false, 'updated_at', utc(now()))
$$;

-- Digests as the API answers them. Rooms are looked up again: one that is gone, or renamed, shows so. Stats written by hand break nothing.
CREATE VIEW persona_digest_answers AS
SELECT d.persona_id, d.date,
       json_build_object('persona_id', d.persona_id, 'date', d.date, 'summary', d.summary,
           'stats', json_build_object('posts', number_in(d.stats, 'posts'), 'replies', number_in(d.stats, 'replies'), 'top_threads', t.threads),
           'has_activity', number_in(d.stats, 'posts') > 0 OR number_in(d.stats, 'replies') > 0 OR t.n > 0,
           'updated_at', utc(d.updated_at)) AS digest
FROM persona_digests d
CROSS JOIN LATERAL (
    SELECT count(*) AS n,
           coalesce(json_agg(json_strip_nulls(json_build_object('post_id', thread->>'post_id', 'room_id', r.id, 'room_name', r.name,
               'post_preview', coalesce(thread->>'post_preview', ''), 'activity_count', number_in(thread, 'activity_count'),
               'last_activity_at', thread->>'last_activity_at')) ORDER BY place), '[]') AS threads
    FROM jsonb_array_elements(CASE WHEN jsonb_typeof(d.stats->'top_threads') = 'array' THEN d.stats->'top_threads' ELSE '[]' END)
         WITH ORDINALITY AS listed(thread, place)
    LEFT JOIN rooms r ON r.id = try_uuid(thread->>'room_id')
    WHERE place <= 3 AND jsonb_typeof(thread) = 'object') t;
