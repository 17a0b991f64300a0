-- The state of watched threads, and the replies that nobody was told of yet.
-- $1 uuid[] posts, without a repetition   $2 bigint[] for each: µs since 1970, from when replies
-- are looked for   $3 uuid[] replies of that time that were told of already
-- Rows: a row for each reply, at most 50 of a post, the oldest first, or one without a reply:
--       post uuid, status text (null: the post is gone), now_us bigint, changed_us bigint of the
--       post, replies bigint, version text (thread_version), queued bigint and running bigint jobs
--       for replies, names text (JSON: whose), failed_us bigint, failed_name text,
--       failed_error text (the last job that failed for good; null: none),
--       summary_us bigint, summary text, summary_is_fresh boolean (null: there is none),
--       reply uuid, reply_us bigint, reply_json text
-- Of a draft nothing but its status is read.
SELECT g.id AS post, p.status::text AS status, (extract(epoch FROM statement_timestamp()) * 1000000)::bigint AS now_us,
       micros_of(p.updated_at) AS changed_us, t.replies,
       thread_version(p.updated_at, t.replies, t.changed) AS version,
       j.queued, j.running, coalesce(j.names, '[]'::jsonb)::text AS names, j.failed_us, j.failed->>0 AS failed_name,
       j.failed->>1 AS failed_error, micros_of(s.updated_at) AS summary_us, s.summary,
       s.version = thread_version(p.updated_at, t.replies, t.changed) AS summary_is_fresh,
       r.id AS reply, r.us AS reply_us, r.json AS reply_json
FROM unnest($1::uuid[], $2::bigint[]) WITH ORDINALITY AS g(id, since_us, place)
LEFT JOIN posts p ON p.id = g.id
LEFT JOIN thread_summaries s ON s.post_id = p.id AND p.status = 'PUBLISHED'
LEFT JOIN LATERAL (
    SELECT count(*) AS replies, max(updated_at) AS changed FROM replies WHERE post_id = p.id
    ) t ON p.status = 'PUBLISHED'
LEFT JOIN LATERAL reply_jobs(p.id) j ON p.status = 'PUBLISHED'
LEFT JOIN LATERAL (
    SELECT one.id, micros_of(one.created_at) AS us, shown.body::text AS json
    FROM replies one CROSS JOIN LATERAL reply_answer(one) shown
    WHERE one.post_id = p.id AND one.created_at >= timestamptz 'epoch' + g.since_us * interval '1 microsecond'
      AND one.id <> ALL ($3::uuid[])
    ORDER BY one.created_at, one.id LIMIT 50
    ) r ON p.status = 'PUBLISHED'
ORDER BY g.place, r.us, r.id
