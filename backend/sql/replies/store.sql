-- Stores replies, each with its quota unit and activity, and finishes their jobs: all or nothing,
-- once.
-- writes
-- first: personas/lock_many
-- $1 uuid[] personas   $2 uuid[] posts   $3 bigint[] jobs   $4 uuid[] lease tokens
-- $5 text[] contents
-- Rows: job bigint, status int, error text
-- 200 null: stored | 208 null: the reply existed already; the job is finished either way
-- 409 lease lost | 404 persona not found | 404 post not found | 409 post is not published
-- 429 daily reply quota reached
-- Every answer from 400 on means that nothing was done for the job.
-- Locks the posts, then the job rows: while a row has the token, no other worker has the job. Of
-- several replies of one persona as many are stored as its quota allows. Activity asks for digests
-- in the names of the jobs' requests.
WITH given AS MATERIALIZED (
         SELECT * FROM unnest($1::uuid[], $2::uuid[], $3::bigint[], $4::uuid[], $5::text[])
                       AS g(persona_id, post_id, job_id, token, content)),
     post AS MATERIALIZED (
         SELECT id, room_id, status, preview(content) AS preview FROM posts
         WHERE id = ANY ($2::uuid[]) ORDER BY id FOR KEY SHARE),
     job AS MATERIALIZED (
         SELECT j.id, left(j.request_id, 128) AS request_id
         FROM given g JOIN jobs j ON j.id = g.job_id AND j.lease_token = g.token
         WHERE j.status::text = 'PROCESSING' AND (SELECT count(*) FROM post) >= 0 ORDER BY j.id FOR NO KEY UPDATE OF j),
     persona AS MATERIALIZED (
         SELECT p.id, p.user_id,
                p.daily_reply_quota - (
                    SELECT count(*) FROM quota_events q WHERE q.persona_id = p.id AND q.quota_type = 'reply'
                      AND q.created_at >= date_trunc('day', statement_timestamp(), 'UTC')
                      AND (q.expires_at IS NULL OR q.expires_at > statement_timestamp())) AS units_left
         FROM personas p WHERE p.id = ANY ($1::uuid[])),
     judged AS (
         SELECT g.job_id, g.persona_id, g.post_id, g.content, job.request_id, persona.user_id, persona.units_left,
                post.room_id, post.preview,
                CASE WHEN job.id IS NULL THEN '409 lease lost'
                     WHEN persona.id IS NULL THEN '404 persona not found'
                     WHEN post.id IS NULL THEN '404 post not found'
                     WHEN EXISTS (SELECT FROM replies r WHERE r.post_id = g.post_id AND r.persona_id = g.persona_id)
                     THEN '208'
                     WHEN post.status <> 'PUBLISHED' THEN '409 post is not published' ELSE '200' END AS answer
         FROM given g
         LEFT JOIN job ON job.id = g.job_id
         LEFT JOIN persona ON persona.id = g.persona_id
         LEFT JOIN post ON post.id = g.post_id),
     verdict AS MATERIALIZED (
         SELECT *, CASE WHEN answer = '200'
                         AND row_number() OVER (PARTITION BY persona_id, answer ORDER BY job_id) > units_left
                        THEN '429 daily reply quota reached' ELSE answer END AS final
         FROM judged),
     reply AS (
         INSERT INTO replies (post_id, persona_id, user_id, authored_by, content)
         SELECT post_id, persona_id, user_id, 'AI', content FROM verdict WHERE final = '200'
         ORDER BY persona_id, job_id),
     unit AS (
         INSERT INTO quota_events (persona_id, quota_type, created_at)
         SELECT persona_id, 'reply', statement_timestamp() FROM verdict WHERE final = '200'),
     activity AS (
         INSERT INTO persona_activity_events (persona_id, type, metadata)
         SELECT persona_id, type, jsonb_build_object('post_id', post_id, 'room_id', room_id, 'post_preview', preview,
                                                     'reply_preview', preview(content))
         FROM verdict, (VALUES ('reply_generated'), ('thread_participated')) types(type) WHERE final = '200'),
     finished AS (
         UPDATE jobs
         SET status = 'DONE', finished_at = now(), error = NULL, dirty = false, locked_at = NULL, locked_by = NULL,
             worker_id = NULL, lease_until = NULL, lease_token = NULL, updated_at = now()
         WHERE id = ANY (ARRAY(SELECT job_id FROM verdict WHERE final IN ('200', '208')))),
     named AS (
         SELECT set_config('personaworlds.request_ids',
                           coalesce(jsonb_object_agg(persona_id, request_id)::text, ''), true)
         FROM verdict WHERE final = '200' AND request_id IS NOT NULL)
SELECT job_id AS job, left(final, 3)::int AS status, nullif(substr(final, 5), '') AS error FROM verdict, named
