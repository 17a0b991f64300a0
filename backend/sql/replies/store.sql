-- Stores a reply with its quota unit and activity, and finishes its job: all or nothing, once.
-- first: personas/lock_any
-- $1 uuid persona   $2 uuid post   $3 bigint job   $4 uuid lease token   $5 text content
-- 200 null: stored | 208 null: the reply existed already; the job is finished either way
-- 409 lease lost | 404 persona not found | 404 post not found | 409 post is not published | 429 daily reply quota reached: nothing was done
-- Locks the job row: with the token still on it no other worker has the job. The activity asks for the digest in the job's request's name.
WITH job AS (
         SELECT id, request_id FROM jobs WHERE id = $3::bigint AND lease_token = $4::uuid AND status = 'PROCESSING' FOR UPDATE),
     persona AS (SELECT id, user_id, daily_reply_quota AS quota FROM personas WHERE id = $1::uuid),
     post AS (SELECT id, room_id, status, preview(content) AS preview FROM posts WHERE id = $2::uuid FOR KEY SHARE),
     used AS (
         SELECT count(*) AS units FROM quota_events
         WHERE persona_id = $1::uuid AND quota_type = 'reply' AND created_at >= date_trunc('day', statement_timestamp(), 'UTC')
           AND (expires_at IS NULL OR expires_at > statement_timestamp())),
     verdict(status, error, request) AS (
         SELECT 409, 'lease lost', '' WHERE NOT EXISTS (SELECT FROM job)
         UNION ALL SELECT 404, 'persona not found', '' WHERE NOT EXISTS (SELECT FROM persona)
         UNION ALL SELECT 404, 'post not found', '' WHERE NOT EXISTS (SELECT FROM post)
         UNION ALL SELECT 208, NULL, '' FROM replies WHERE post_id = $2::uuid AND persona_id = $1::uuid
         UNION ALL SELECT 409, 'post is not published', '' FROM post WHERE status <> 'PUBLISHED'
         UNION ALL SELECT 429, 'daily reply quota reached', '' FROM persona, used WHERE units >= quota
         UNION ALL SELECT 200, NULL, set_config('personaworlds.request_id', coalesce(request_id, ''), true) FROM job
         LIMIT 1),
     reply AS (
         INSERT INTO replies (post_id, persona_id, user_id, authored_by, content)
         SELECT post.id, persona.id, persona.user_id, 'AI', $5::text FROM verdict, post, persona WHERE verdict.status = 200
         RETURNING post_id, persona_id, content),
     unit AS (
         INSERT INTO quota_events (persona_id, quota_type, created_at) SELECT persona_id, 'reply', statement_timestamp() FROM reply),
     activity AS (
         INSERT INTO persona_activity_events (persona_id, type, metadata)
         SELECT persona_id, type, jsonb_build_object('post_id', post_id, 'room_id', room_id, 'post_preview', preview, 'reply_preview', preview(content))
         FROM reply, post, (VALUES ('reply_generated'), ('thread_participated')) types(type)),
     finished AS (
         UPDATE jobs
         SET status = 'DONE', finished_at = now(), error = NULL, dirty = false, locked_at = NULL, locked_by = NULL, lease_until = NULL,
             lease_token = NULL, updated_at = now()
         WHERE id = $3::bigint AND (SELECT status FROM verdict) IN (200, 208))
SELECT status, error AS body FROM verdict
