-- A post with a page of its replies, oldest first, 200 a page, and the stored summary.
-- $1 uuid caller or null   $2 uuid post
-- $3 bigint, $4 uuid cursor: microseconds since 1970 and id of the last reply seen, or null
-- 200 {post, version, pending, caught_up, replies: [Reply],
--     next_cursor: "<$3>-<$4>" of the last reply, "" at the end,
--     ai_summary, ai_summary_status}, which is fresh, stale or unavailable
--     The handler adds sides.
-- 401 invalid token | 403 not allowed | 404 post not found

-- verdict
SELECT CASE WHEN u.id IS NULL AND $1::uuid IS NOT NULL THEN 401 WHEN p.id IS NULL THEN 404
            WHEN p.status = 'DRAFT' AND p.user_id IS DISTINCT FROM $1::uuid THEN 403 END AS _status,
       CASE WHEN u.id IS NULL AND $1::uuid IS NOT NULL THEN 'invalid token'
            WHEN p.id IS NULL THEN 'post not found' ELSE 'not allowed' END AS _error,
       p.id AS "post.id", p.room_id AS "post.room_id", r.name AS "post.room_name", p.persona_id AS "post.persona_id",
       a.name AS "post.persona_name", p.authored_by AS "post.authored_by", p.status AS "post.status",
       topic_of(p, r.name) AS "post.topic", m.id AS "post.template.id", m.name AS "post.template.name",
       p.content AS "post.content", p.user_id = $1::uuid AS "post.mine", p.created_at AS "post.created_at",
       p.updated_at AS "post.updated_at", v.version,
       CASE WHEN j.are_there THEN pending_replies($2::uuid) ELSE '{"queued":0,"running":0,"names":[]}' END AS pending,
       j.are_there IS NULL AS caught_up,
       coalesce(s.summary, 'Thread summary unavailable right now.') AS ai_summary,
       CASE WHEN s.version IS NULL THEN 'unavailable'
            WHEN s.version = v.version THEN 'fresh' ELSE 'stale' END AS ai_summary_status
FROM (SELECT count(*) AS replies, max(updated_at) AS changed FROM replies WHERE post_id = $2::uuid) t
LEFT JOIN users u ON u.id = $1::uuid
LEFT JOIN posts p ON p.id = $2::uuid
CROSS JOIN LATERAL (SELECT thread_version(p.updated_at, t.replies, t.changed) AS version) v
LEFT JOIN (SELECT true AS are_there FROM jobs
           WHERE post_id = $2::uuid AND job_type = 'generate_reply' AND status IN ('PENDING', 'PROCESSING')
           LIMIT 1) j ON true
LEFT JOIN rooms r ON r.id = p.room_id
LEFT JOIN personas a ON a.id = p.persona_id
LEFT JOIN templates m ON m.id = p.template_id AND (m.is_public OR m.owner_user_id = $1::uuid)
LEFT JOIN thread_summaries s ON s.post_id = p.id

-- replies[]: page of 200 by created_at, id
WITH cursor AS (
         SELECT CASE WHEN $3::bigint BETWEEN 0 AND 9000000000000000
                     THEN 'epoch'::timestamptz + $3::bigint * interval '1 microsecond'
                     WHEN $3::bigint IS NULL THEN '-infinity' ELSE 'infinity' END AS at,
                coalesce($4::uuid, '00000000-0000-0000-0000-000000000000') AS id)
SELECT r.id, r.post_id, r.persona_id, a.name AS persona_name, f.slug AS persona_slug, a.preferred_language AS language,
       r.authored_by, r.content, r.created_at, r.updated_at
FROM (SELECT * FROM replies
      WHERE post_id = $2::uuid AND (created_at, id) > ((SELECT at FROM cursor), (SELECT id FROM cursor))
      ORDER BY created_at, id LIMIT 201) r
LEFT JOIN personas a ON a.id = r.persona_id
LEFT JOIN persona_public_profiles f ON f.persona_id = r.persona_id AND f.is_public
ORDER BY r.created_at, r.id
