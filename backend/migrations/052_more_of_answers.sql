-- What pages show beside a thing without asking again. Functions with a FROM return a table: the
-- planner puts those in place of the call, while a scalar one would be planned at each (190 us).

-- topic_of for a statement that has the columns and no whole row.
CREATE FUNCTION topic_shown(topic text, rule smallint, content text, room_name text) RETURNS text
LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT CASE WHEN rule = topic_rule() THEN coalesce(topic, 'Battle in ' || room_name)
                ELSE battle_topic(content, room_name) END
$$;

-- A post as its writer is answered with it: what the reads of posts show of it, but for the number
-- of replies. A template that is somebody else's secret isn't named.
CREATE FUNCTION post_answer(p posts, caller uuid) RETURNS TABLE (body json)
LANGUAGE sql STABLE PARALLEL SAFE AS $$
    SELECT json_strip_nulls(json_build_object(
        'id', p.id, 'room_id', p.room_id, 'room_name', r.name, 'persona_id', p.persona_id,
        'persona_name', (SELECT a.name FROM personas a WHERE a.id = p.persona_id), 'authored_by', p.authored_by,
        'status', p.status, 'topic', topic_of(p, r.name),
        'template', (SELECT json_build_object('id', t.id, 'name', t.name) FROM templates t
                     WHERE t.id = p.template_id AND (t.is_public OR t.owner_user_id = caller)),
        'content', p.content, 'mine', p.user_id = caller, 'created_at', utc(p.created_at),
        'updated_at', utc(p.updated_at)))
    FROM rooms r WHERE r.id = p.room_id
$$;

-- A reply as a live event shows it, and as posts/thread does.
CREATE FUNCTION reply_answer(r replies) RETURNS TABLE (body json)
LANGUAGE sql STABLE PARALLEL SAFE AS $$
    SELECT json_strip_nulls(json_build_object(
        'id', r.id, 'post_id', r.post_id, 'persona_id', r.persona_id, 'persona_name', a.name,
        'persona_slug', (SELECT f.slug FROM persona_public_profiles f
                         WHERE f.persona_id = r.persona_id AND f.is_public),
        'language', a.preferred_language, 'authored_by', r.authored_by, 'content', r.content,
        'created_at', utc(r.created_at), 'updated_at', utc(r.updated_at)))
    FROM (VALUES (1)) one LEFT JOIN personas a ON a.id = r.persona_id
$$;

-- The jobs for replies to a post: how many wait and run and whose they are, and the last one that
-- failed for good (its persona's name and its error).
CREATE FUNCTION reply_jobs(post uuid)
RETURNS TABLE (queued bigint, running bigint, names jsonb, failed_us bigint, failed jsonb)
LANGUAGE sql STABLE PARALLEL SAFE AS $$
    SELECT count(*) FILTER (WHERE w.status = 'PENDING'), count(*) FILTER (WHERE w.status = 'PROCESSING'),
           coalesce(jsonb_agg(a.name ORDER BY w.id) FILTER (WHERE w.status IN ('PENDING', 'PROCESSING')), '[]'),
           (max(extract(epoch FROM w.finished_at)) FILTER (WHERE w.status = 'FAILED') * 1000000)::bigint,
           (array_agg(jsonb_build_array(a.name, w.error) ORDER BY w.finished_at DESC, w.id DESC)
               FILTER (WHERE w.status = 'FAILED'))[1]
    FROM jobs w LEFT JOIN personas a ON a.id = w.persona_id
    WHERE w.post_id = post AND w.job_type = 'generate_reply'
$$;

-- Those under way, as a thread shows them. Few threads have any: it is a function of its own, and
-- one whose plan is kept, so that the others don't pay for what it reads.
CREATE FUNCTION pending_replies(post uuid) RETURNS json LANGUAGE plpgsql STABLE PARALLEL SAFE AS $$
BEGIN
    RETURN (SELECT json_build_object('queued', queued, 'running', running, 'names', names) FROM reply_jobs(post));
END
$$;

-- The units of its quotas that a persona has taken on this UTC day, as quotas/reserve and
-- replies/store count them.
CREATE FUNCTION units_today(persona uuid) RETURNS TABLE (drafts bigint, replies bigint, previews bigint)
LANGUAGE sql STABLE PARALLEL SAFE AS $$
    SELECT count(*) FILTER (WHERE q.quota_type = 'draft'), count(*) FILTER (WHERE q.quota_type = 'reply'),
           count(*) FILTER (WHERE q.quota_type = 'preview')
    FROM quota_events q
    WHERE q.persona_id = persona AND q.quota_type IN ('draft', 'reply', 'preview')
      AND q.created_at >= date_trunc('day', statement_timestamp(), 'UTC')
      AND (q.expires_at IS NULL OR q.expires_at > statement_timestamp())
$$;

-- When the quotas of this UTC day are given back.
CREATE FUNCTION quotas_reset_at() RETURNS timestamptz LANGUAGE sql STABLE PARALLEL SAFE AS $$
    SELECT date_trunc('day', statement_timestamp(), 'UTC') + interval '24 hours'
$$;

-- A persona as its owner is answered with it, like personas/show.
CREATE FUNCTION persona_answer(p personas) RETURNS TABLE (body json)
LANGUAGE sql STABLE PARALLEL SAFE AS $$
    SELECT json_build_object('id', p.id, 'name', p.name, 'bio', p.bio, 'tone', p.tone,
        'writing_samples', p.writing_samples, 'do_not_say', p.do_not_say, 'catchphrases', p.catchphrases,
        'preferred_language', p.preferred_language, 'formality', p.formality,
        'daily_draft_quota', p.daily_draft_quota, 'daily_reply_quota', p.daily_reply_quota,
        'profile', json_strip_nulls(json_build_object('slug', f.slug, 'is_public', coalesce(f.is_public, false),
                                                      'followers', n.followers)),
        'today', json_build_object('drafts', u.drafts, 'replies', u.replies, 'previews', u.previews),
        'resets_at', utc(quotas_reset_at()), 'created_at', utc(p.created_at), 'updated_at', utc(p.updated_at))
    FROM units_today(p.id) u
    CROSS JOIN (SELECT coalesce(sum(c.followers), 0)::bigint AS followers
                FROM persona_follower_counts c WHERE c.persona_id = p.id) n
    LEFT JOIN persona_public_profiles f ON f.persona_id = p.id
$$;

-- As preview, at a fifth of its cost: single blanks, which most white space is, stay untouched.
CREATE FUNCTION excerpt(content text) RETURNS text LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT left(btrim(regexp_replace(content, '\s*[^\S ]\s*|  +', ' ', 'g')), 220)
$$;
