-- What the caller has, from a place on: kind by kind, each oldest first, 1000 rows at most.
-- $1 uuid caller   $2 int kind, $3 bigint time (micros), and $4 uuid or $5 bigint id: the last row
-- that the reader has; 0 and nulls: none
-- Rows: kind int (api/account/export.c), micros bigint, id text, data text: JSON; one of kind 0,
-- the user, or none where the user is gone
-- An ORDER BY says whose column it means: by `id` alone it would be the text.
SELECT * FROM (
    (SELECT 0 AS kind, 0::bigint AS micros, '' AS id, json_strip_nulls(json_build_object('user_id', id, 'email', email,
            'language', language, 'email_verified_at', utc(email_verified_at), 'last_active_at', utc(last_active_at),
            'created_at', utc(created_at), 'updated_at', utc(updated_at)))::text AS data
     FROM users WHERE id = $1::uuid)
    UNION ALL
    (SELECT 1, micros_of(p.created_at), p.id::text, json_strip_nulls(json_build_object('id', p.id, 'name', p.name,
            'bio', p.bio, 'tone', p.tone, 'writing_samples', p.writing_samples, 'do_not_say', p.do_not_say,
            'catchphrases', p.catchphrases, 'preferred_language', p.preferred_language, 'formality', p.formality,
            'daily_draft_quota', p.daily_draft_quota, 'daily_reply_quota', p.daily_reply_quota,
            'created_at', utc(p.created_at), 'updated_at', utc(p.updated_at),
            'profile', (SELECT json_build_object('slug', slug, 'is_public', is_public, 'bio', bio,
                                                 'created_at', utc(f.created_at))
                        FROM persona_public_profiles f WHERE f.persona_id = p.id)))::text
     FROM personas p WHERE user_id = $1::uuid
       AND (created_at, id) > (export_from(1, $2::int, $3::bigint), coalesce($4::uuid, least_uuid()))
     ORDER BY p.created_at, p.id LIMIT 1000)
    UNION ALL
    (SELECT 2, micros_of(created_at), id::text, json_strip_nulls(json_build_object('id', id, 'room_id', room_id,
            'persona_id', persona_id, 'authored_by', authored_by, 'status', status, 'content', content,
            'template_id', template_id, 'published_at', utc(published_at), 'created_at', utc(created_at),
            'updated_at', utc(updated_at)))::text
     FROM posts t WHERE user_id = $1::uuid
       AND (created_at, id) > (export_from(2, $2::int, $3::bigint), coalesce($4::uuid, least_uuid()))
     ORDER BY t.created_at, t.id LIMIT 1000)
    UNION ALL
    (SELECT 3, micros_of(created_at), id::text, json_strip_nulls(json_build_object('id', id, 'post_id', post_id,
            'persona_id', persona_id, 'authored_by', authored_by, 'content', content, 'created_at', utc(created_at),
            'updated_at', utc(updated_at)))::text
     FROM replies t WHERE user_id = $1::uuid
       AND (created_at, id) > (export_from(3, $2::int, $3::bigint), coalesce($4::uuid, least_uuid()))
     ORDER BY t.created_at, t.id LIMIT 1000)
    UNION ALL
    (SELECT 4, micros_of(created_at), id::text, json_build_object('id', id, 'name', name, 'prompt_rules', prompt_rules,
            'turn_count', turn_count, 'word_limit', word_limit, 'is_public', is_public,
            'created_at', utc(created_at))::text
     FROM templates t WHERE owner_user_id = $1::uuid
       AND (created_at, id) > (export_from(4, $2::int, $3::bigint), coalesce($4::uuid, least_uuid()))
     ORDER BY t.created_at, t.id LIMIT 1000)
    UNION ALL
    (SELECT 5, micros_of(created_at), followed_persona_id::text,
            json_build_object('persona_id', followed_persona_id, 'created_at', utc(created_at))::text
     FROM persona_follows t WHERE follower_user_id = $1::uuid
       AND (created_at, followed_persona_id) >
           (export_from(5, $2::int, $3::bigint), coalesce($4::uuid, least_uuid()))
     ORDER BY t.created_at, t.followed_persona_id LIMIT 1000)
    UNION ALL
    (SELECT 6, micros_of(created_at), id::text, json_strip_nulls(json_build_object('id', id, 'type', type,
            'title', title, 'body', body, 'metadata', metadata, 'read_at', utc(read_at),
            'created_at', utc(created_at)))::text
     FROM notifications t WHERE user_id = $1::uuid
       AND (created_at, id) > (export_from(6, $2::int, $3::bigint), coalesce($5::bigint, -1))
     ORDER BY t.created_at, t.id LIMIT 1000)
    UNION ALL
    (SELECT 7, micros_of(d.created_at), d.id::text, json_build_object('id', d.id, 'persona_id', d.persona_id,
            'date', d.date, 'summary', d.summary, 'stats', d.stats, 'created_at', utc(d.created_at),
            'updated_at', utc(d.updated_at))::text
     FROM personas p JOIN persona_digests d ON d.persona_id = p.id WHERE p.user_id = $1::uuid
       AND (d.created_at, d.id) > (export_from(7, $2::int, $3::bigint), coalesce($5::bigint, -1))
     ORDER BY d.created_at, d.id LIMIT 1000)
    UNION ALL
    (SELECT 8, micros_of(created_at), id::text, json_build_object('id', id, 'week_start', week_start, 'items', items,
            'created_at', utc(created_at), 'updated_at', utc(updated_at))::text
     FROM weekly_digests t WHERE user_id = $1::uuid
       AND (created_at, id) > (export_from(8, $2::int, $3::bigint), coalesce($5::bigint, -1))
     ORDER BY t.created_at, t.id LIMIT 1000)
    UNION ALL
    (SELECT 9, micros_of(created_at), id::text, json_build_object('id', id, 'event_name', event_name,
            'metadata', metadata, 'created_at', utc(created_at))::text
     FROM events t WHERE user_id = $1::uuid
       AND (created_at, id) > (export_from(9, $2::int, $3::bigint), coalesce($5::bigint, -1))
     ORDER BY t.created_at, t.id LIMIT 1000)
    UNION ALL
    (SELECT 10, micros_of(created_at), id::text, json_strip_nulls(json_build_object('id', id, 'user_agent', user_agent,
            'created_at', utc(created_at), 'last_seen_at', utc(last_seen_at), 'ended_at', utc(ended_at)))::text
     FROM sessions t WHERE user_id = $1::uuid
       AND (created_at, id) > (export_from(10, $2::int, $3::bigint), coalesce($4::uuid, least_uuid()))
     ORDER BY t.created_at, t.id LIMIT 1000)) of_all_kinds
ORDER BY kind, micros, CASE WHEN kind IN (6, 7, 8, 9) THEN id::bigint END, id LIMIT 1000
