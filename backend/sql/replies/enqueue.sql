-- Asks for replies to a published post by personas of the caller's.
-- writes
-- first: personas/lock_own
-- $1 uuid caller   $2 uuid post   $3 uuid[] personas, or null: the caller's 3 oldest
-- $4 text request id   $5 int calls of the model that a user has a day
-- 200 {enqueued, skipped}, with the third column enqueued int
-- 400 persona <id> not found, with the fourth column code text
-- 400 no personas available | 401 invalid token | 403 not allowed | 404 post not found
-- 409 replies can be generated only for published posts | 429 daily model quota reached
-- A persona is skipped if it has replied, if its job is queued already, or if its stored replies of
-- the UTC day and its queued ones reach its quota; the last ones, where the user has too few calls.
-- Locks the post against its deletion, so that no job is left without one.
WITH caller AS (SELECT id FROM users WHERE id = $1::uuid),
     post AS MATERIALIZED (SELECT * FROM posts WHERE id = $2::uuid FOR KEY SHARE),
     wanted AS (SELECT id, place FROM unnest(nullif($3::uuid[], '{}')) WITH ORDINALITY AS given(id, place)),
     chosen AS (
         SELECT p AS persona, id, created_at FROM personas p
         WHERE user_id = $1::uuid AND (id IN (SELECT id FROM wanted) OR NOT EXISTS (SELECT FROM wanted))
         ORDER BY created_at, id LIMIT CASE WHEN NOT EXISTS (SELECT FROM wanted) THEN 3 END),
     able AS (
         SELECT id, created_at FROM chosen
         WHERE NOT EXISTS (SELECT FROM replies r WHERE r.post_id = $2::uuid AND r.persona_id = chosen.id)
           AND NOT EXISTS (SELECT FROM jobs j
                           WHERE j.job_type = 'generate_reply' AND j.persona_id = chosen.id AND j.post_id = $2::uuid
                             AND j.status IN ('PENDING', 'PROCESSING')
                             AND coalesce(j.post_id, j.persona_id, j.user_id) IS NOT NULL)
           AND reply_units_left(persona) > 0),
     account AS (SELECT $5::int - model_calls_today($1::uuid) AS calls_left),
     missing AS (SELECT id FROM wanted WHERE id NOT IN (SELECT id FROM chosen) ORDER BY place LIMIT 1),
     verdict(status, error, code) AS (
         SELECT 401, 'invalid token', NULL WHERE NOT EXISTS (SELECT FROM caller)
         UNION ALL SELECT 404, 'post not found', NULL WHERE NOT EXISTS (SELECT FROM post)
         UNION ALL SELECT 403, 'not allowed', NULL FROM post WHERE status = 'DRAFT' AND user_id <> $1::uuid
         UNION ALL SELECT 409, 'replies can be generated only for published posts', NULL FROM post
         WHERE status <> 'PUBLISHED'
         UNION ALL SELECT 400, format('persona %s not found', id), 'persona_not_found' FROM missing
         UNION ALL SELECT 400, 'no personas available', NULL WHERE NOT EXISTS (SELECT FROM chosen)
         UNION ALL SELECT 429, 'daily model quota reached', NULL FROM account
         WHERE calls_left <= 0 AND EXISTS (SELECT FROM able)
         UNION ALL SELECT 200, NULL, NULL
         LIMIT 1),
     queued AS (
         INSERT INTO jobs (job_type, post_id, persona_id, payload, request_id, trace_id)
         SELECT 'generate_reply', post.id, able.id,
                jsonb_strip_nulls(jsonb_build_object('post_id', post.id, 'persona_id', able.id,
                    'template_id', post.template_id, 'trace_id', $4::text)), $4::text, $4::text
         FROM verdict, post, able WHERE verdict.status = 200 ORDER BY able.created_at, able.id
         LIMIT (SELECT greatest(calls_left, 0) FROM account)
         ON CONFLICT DO NOTHING
         RETURNING id),
     charged AS (
         INSERT INTO quota_events (user_id, quota_type, calls, created_at)
         SELECT $1::uuid, 'call', count(*), statement_timestamp() FROM queued HAVING count(*) > 0),
     counts AS (SELECT (SELECT count(*) FROM queued)::int AS enqueued, (SELECT count(*) FROM chosen)::int AS asked),
     event AS (
         INSERT INTO events (user_id, event_name, metadata)
         SELECT $1::uuid, 'battle_created', jsonb_build_object('post_id', $2::uuid, 'enqueued_count', enqueued)
         FROM counts WHERE enqueued > 0),
     answer AS MATERIALIZED (
         SELECT status, coalesce(error, json_build_object('enqueued', enqueued, 'skipped', asked - enqueued)::text)
                    AS body, enqueued, code
         FROM verdict, counts)
SELECT status, keep_answer(status, body) AS body, enqueued, code FROM answer
