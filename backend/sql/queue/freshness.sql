-- The age of the oldest activity without a digest.
-- slow lane: as queue/depth
-- One row: persona_digest double precision, weekly_digest double precision: seconds, 0 if none
--          waits
-- A persona's activity asks for its digest in the same statement, so the job is as old as the
-- activity. A user waits for a weekly digest from the time when it is due: first for the scheduler,
-- then for the job. Each is the first entry of an index.
-- A digest that was lost, or whose job failed for good, has no job. The newest activity, RECENT
-- entries of the primary key, finds it.
WITH recent AS (SELECT persona_id, created_at FROM persona_activity_events ORDER BY id DESC LIMIT 200 /* RECENT */),
     active AS (
         SELECT persona_id, (created_at AT TIME ZONE 'UTC')::date AS day, max(created_at) AS latest FROM recent
         WHERE persona_id IS NOT NULL AND created_at BETWEEN now() - interval '1 day' AND now()
         GROUP BY 1, 2),
     missed AS (
         SELECT min(active.latest) AS since FROM active
         LEFT JOIN persona_digests d ON d.persona_id = active.persona_id AND d.date = active.day
         WHERE (d.updated_at IS NULL OR d.updated_at < active.latest)
           AND NOT EXISTS (SELECT FROM jobs j
                           WHERE j.job_type = 'persona_digest' AND j.persona_id = active.persona_id
                             AND j.subject_date = active.day
                             AND j.status IN ('PENDING', 'PROCESSING')))
SELECT 3600 * age_in_hours(least((SELECT min(created_at) FROM jobs
                                  WHERE isfinite(created_at) AND job_type = 'persona_digest'
                                    AND status IN ('PENDING', 'PROCESSING')),
                                 (SELECT since FROM missed)))::double precision AS persona_digest,
       3600 * age_in_hours(least((SELECT min(created_at) FROM jobs
                                  WHERE isfinite(created_at) AND job_type = 'weekly_digest'
                                    AND status IN ('PENDING', 'PROCESSING')),
                                 (SELECT min(weekly_due_at) FROM users)))::double precision AS weekly_digest
