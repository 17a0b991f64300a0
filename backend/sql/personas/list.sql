-- A page of the caller's personas, newest first, 200 a page.
-- $1 uuid caller
-- $2 bigint, $3 uuid cursor: microseconds since 1970 and id of the last persona seen, or null
-- 200 {personas: [Persona], next_cursor: "<$2>-<$3>" of the last persona, "" at the end}
-- 401 invalid token

-- include verdicts/caller

-- personas[]: page of 200 by created_at, id
WITH cursor AS (
         SELECT CASE WHEN $2::bigint BETWEEN 0 AND 9000000000000000
                     THEN 'epoch'::timestamptz + $2::bigint * interval '1 microsecond'
                     ELSE 'infinity' END AS at,
                coalesce($3::uuid, 'ffffffff-ffff-ffff-ffff-ffffffffffff') AS id)
SELECT id, name, bio, tone, writing_samples, do_not_say, catchphrases, preferred_language, formality,
       daily_draft_quota, daily_reply_quota, created_at, updated_at
FROM personas
WHERE user_id = $1::uuid AND (created_at, id) < ((SELECT at FROM cursor), (SELECT id FROM cursor))
ORDER BY created_at DESC, id DESC LIMIT 201
