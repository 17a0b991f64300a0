-- Posts that were published since, and which of the users follow their personas.
-- $1 bigint µs since 1970   $2 uuid[] posts of that time that were told of already
-- $3 uuid[] users, without a repetition
-- Rows: post uuid, post_us bigint (when it was published), user_id uuid (null: of no post
--       one follows), now_us bigint; the oldest 200 posts. One row with nulls but now_us: none.
SELECT p.id AS post, micros_of(p.published_at) AS post_us, f.follower_user_id AS user_id,
       (extract(epoch FROM statement_timestamp()) * 1000000)::bigint AS now_us
FROM (VALUES (1)) one
LEFT JOIN (
    SELECT id, persona_id, published_at FROM posts
    WHERE status = 'PUBLISHED' AND persona_id IS NOT NULL
      AND published_at >= timestamptz 'epoch' + $1::bigint * interval '1 microsecond' AND id <> ALL ($2::uuid[])
    ORDER BY published_at, id LIMIT 200) p ON true
LEFT JOIN persona_follows f ON f.followed_persona_id = p.persona_id AND f.follower_user_id = ANY ($3::uuid[])
ORDER BY p.published_at, p.id
