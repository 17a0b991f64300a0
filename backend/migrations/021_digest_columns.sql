-- Digests as the API answers them, column by column: the API makes JSON of rows itself.
-- persona_digest_answers and empty_digest_json of 006_shapes.sql stay for the release before.

-- Rooms are looked up again: one that is gone, or renamed, shows so. Stats written by hand break
-- nothing.
CREATE VIEW shown_persona_digests AS
SELECT d.persona_id, d.date, d.summary,
       CASE WHEN jsonb_typeof(d.stats->'posts') = 'number' THEN d.stats->'posts' ELSE '0' END AS posts,
       CASE WHEN jsonb_typeof(d.stats->'replies') = 'number' THEN d.stats->'replies' ELSE '0' END AS replies,
       t.threads AS top_threads,
       number_in(d.stats, 'posts') > 0 OR number_in(d.stats, 'replies') > 0 OR t.n > 0 AS has_activity, d.updated_at
FROM persona_digests d
CROSS JOIN LATERAL (
    SELECT count(*) AS n,
           coalesce(json_agg(json_strip_nulls(json_build_object(
                        'post_id', thread->>'post_id', 'room_id', r.id, 'room_name', r.name,
                        'post_preview', coalesce(thread->>'post_preview', ''),
                        'activity_count', number_in(thread, 'activity_count'),
                        'last_activity_at', thread->>'last_activity_at')) ORDER BY place), '[]') AS threads
    FROM jsonb_array_elements(CASE WHEN jsonb_typeof(d.stats->'top_threads') = 'array' THEN d.stats->'top_threads'
                                   ELSE '[]' END) WITH ORDINALITY AS listed(thread, place)
    LEFT JOIN rooms r ON r.id = try_uuid(thread->>'room_id')
    WHERE place <= 3 AND jsonb_typeof(thread) = 'object') t;
