-- Stores a draft that the model wrote and makes its reserved quota unit permanent.
-- writes
-- first: personas/lock
-- $1 uuid caller   $2 uuid persona   $3 uuid room   $4 bigint reservation   $5 text content
-- 201 Post | 401 invalid token | 404 room not found | 404 persona not found
-- 429 daily draft quota reached
-- The 429 is for a reservation that ran out: another draft may have taken the unit meanwhile.
WITH verdict AS (SELECT coalesce(status, 201) AS status, error
                 FROM keep_unit($1::uuid, $2::uuid, $3::uuid, $4::bigint, 'draft')),
     post AS (
         INSERT INTO posts (room_id, persona_id, user_id, authored_by, status, content)
         SELECT $3::uuid, $2::uuid, $1::uuid, 'AI', 'DRAFT', $5::text FROM verdict WHERE status = 201
         RETURNING posts AS post),
     answer AS MATERIALIZED (
         SELECT status, coalesce(error, body::text) AS body FROM verdict LEFT JOIN post ON true
         LEFT JOIN LATERAL post_answer(post.post, $1::uuid) ON true)
SELECT status, keep_answer(status, body) AS body FROM answer
