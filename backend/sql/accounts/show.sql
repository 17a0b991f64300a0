-- The caller's account.
-- $1 uuid caller   $2 uuid session, or null
-- $3 text ADMIN_EMAILS, or null: where nobody was granted anything, everybody is an administrator
-- $4 int, $5 int, $6 int: longest post, reply and topic   $7 int previews a day of a persona
-- 200 Me | 401 invalid token
-- Drafts and personas are counted to 1000 and no further.

-- include verdicts/caller

-- .
SELECT u.id AS user_id, u.email, u.email_verified_at IS NOT NULL AS email_verified, u.language, u.created_at,
       is_administrator(u.id, $3::text) AS is_admin,
       (SELECT count(*) FROM notifications n WHERE n.user_id = u.id AND n.read_at IS NULL) AS unread_count,
       (SELECT count(*) FROM (SELECT FROM posts p WHERE p.user_id = u.id AND p.status = 'DRAFT' LIMIT 1000) d)
           AS drafts_count,
       (SELECT count(*) FROM (SELECT FROM personas p WHERE p.user_id = u.id LIMIT 1000) p) AS personas_count,
       $4::int AS "limits.draft_max_len", $5::int AS "limits.reply_max_len", $6::int AS "limits.topic_max_len",
       $7::int AS "limits.preview_quota",
       s.id AS "session.id", s.created_at AS "session.created_at", s.expires_at AS "session.expires_at"
FROM users u LEFT JOIN sessions s ON s.id = $2::uuid AND s.user_id = u.id
WHERE u.id = $1::uuid
