-- Publishes the caller's draft.
-- writes
-- first: personas/lock_of_post
-- $1 uuid caller   $2 uuid post   $3 text new content or null   $4 text request id
-- 200 Post | 401 invalid token | 403 not allowed | 404 post not found
-- 409 only drafts can be approved
-- Locks the post row, so two approvals can't both pass the status check. The activity asks for the
-- digest in the name of this request.
WITH caller AS (SELECT id FROM users WHERE id = $1::uuid),
     post AS (SELECT id, user_id, status FROM posts WHERE id = $2::uuid FOR UPDATE),
     verdict(status, error, request) AS (
         SELECT 401, 'invalid token', '' WHERE NOT EXISTS (SELECT FROM caller)
         UNION ALL SELECT 404, 'post not found', '' WHERE NOT EXISTS (SELECT FROM post)
         UNION ALL SELECT 403, 'not allowed', '' FROM post WHERE user_id <> $1::uuid
         UNION ALL SELECT 409, 'only drafts can be approved', '' FROM post WHERE status <> 'DRAFT'
         UNION ALL SELECT 200, NULL, set_config('personaworlds.request_id', coalesce($4::text, ''), true)
         LIMIT 1),
     published AS (
         UPDATE posts
         SET authored_by = 'AI_DRAFT_APPROVED', status = 'PUBLISHED', content = coalesce($3::text, content),
             published_at = now(), updated_at = now()
         WHERE id = $2::uuid AND (SELECT status FROM verdict) = 200
         RETURNING id, room_id, persona_id, user_id, content, posts AS post),
     activity AS (
         INSERT INTO persona_activity_events (persona_id, type, metadata)
         SELECT persona_id, type, jsonb_build_object('post_id', id, 'room_id', room_id,
                                                     'post_preview', preview(content))
         FROM published, (VALUES ('post_created'), ('thread_participated')) types(type) WHERE persona_id IS NOT NULL),
     event AS (
         INSERT INTO events (user_id, event_name, metadata)
         SELECT user_id, 'post_approved',
                jsonb_strip_nulls(jsonb_build_object('post_id', id, 'room_id', room_id, 'persona_id', persona_id))
         FROM published),
     answer AS MATERIALIZED (
         SELECT status, coalesce(error, body::text) AS body FROM verdict LEFT JOIN published ON true
         LEFT JOIN LATERAL post_answer(published.post, $1::uuid) ON true)
SELECT status, keep_answer(status, body) AS body FROM answer
