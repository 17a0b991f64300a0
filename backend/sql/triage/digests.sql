-- Personas with activity today or yesterday whose digest of that day is missing or older than the
-- activity, and for which there is no job.
-- One row: missing bigint, oldest_seconds double precision: since the first such activity (0:
--          none), example text: a persona's id
-- The last two minutes don't count: a digest under way is stored, and its job ended, within them.
-- A persona costs a few index entries, however much activity there is.
WITH days AS (SELECT day::date, day AT TIME ZONE 'UTC' AS since, (day + interval '1 day') AT TIME ZONE 'UTC' AS until
              FROM date_trunc('day', now() AT TIME ZONE 'UTC') AS today,
              unnest(ARRAY[today, today - interval '1 day']) AS day),
     missing AS (
         SELECT p.id, activity.last_at
         FROM days
         CROSS JOIN personas p
         CROSS JOIN LATERAL (
             SELECT created_at AS last_at FROM persona_activity_events
             WHERE persona_id = p.id AND created_at >= days.since
               AND created_at < least(days.until, now() - interval '2 minutes')
             ORDER BY created_at DESC LIMIT 1) activity
         LEFT JOIN persona_digests d ON d.persona_id = p.id AND d.date = days.day
         WHERE (d.persona_id IS NULL OR d.updated_at < activity.last_at)
           AND NOT EXISTS (SELECT FROM jobs j
                           WHERE j.job_type = 'persona_digest' AND j.persona_id = p.id AND j.subject_date = days.day
                             AND j.status IN ('PENDING', 'PROCESSING')
                             AND coalesce(j.post_id, j.persona_id, j.user_id) IS NOT NULL))
SELECT count(DISTINCT id) AS missing,
       coalesce(extract(epoch FROM now() - min(last_at)), 0)::double precision AS oldest_seconds,
       min(id::text) AS example
FROM missing
