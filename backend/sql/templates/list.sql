-- A page of the public templates, newest first, 100 a page.
-- $1 uuid caller or null
-- $2 bigint, $3 uuid cursor: microseconds since 1970 and id of the last template seen, or null
-- 200 Templates {templates: [Template], next_cursor}
-- A caller who exists, and no other, is told which are `mine`.

-- templates[]: page of 100 by created_at, id
WITH caller AS (SELECT id FROM users WHERE id = $1::uuid),
     cursor AS (
         SELECT CASE WHEN $2::bigint BETWEEN 0 AND 9000000000000000
                     THEN 'epoch'::timestamptz + $2::bigint * interval '1 microsecond'
                     ELSE 'infinity' END AS at,
                coalesce($3::uuid, 'ffffffff-ffff-ffff-ffff-ffffffffffff') AS id)
SELECT t.id, t.owner_user_id, t.name, t.prompt_rules, t.turn_count, t.word_limit, t.created_at, t.is_public,
       template_uses(t.id) AS usage_count,
       (SELECT coalesce(t.owner_user_id = caller.id, false) FROM caller) AS mine
FROM templates t
WHERE is_public AND (created_at, id) < ((SELECT at FROM cursor), (SELECT id FROM cursor))
ORDER BY created_at DESC, id DESC LIMIT 101
