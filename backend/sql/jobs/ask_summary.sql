-- Asks for a thread's summary: one job per thread, however many readers.
-- writes
-- $1 uuid post   $2 text request id
-- One row: enqueued boolean, true if a worker has to be woken
-- A waiting job stays as it is; a running one is marked dirty. A thread whose job failed less than
-- a minute ago gets no new job.
WITH asked AS (
         INSERT INTO jobs (job_type, post_id, payload, request_id, trace_id)
         SELECT 'summarize_thread', p.id, jsonb_strip_nulls(jsonb_build_object('post_id', p.id, 'trace_id', $2::text)),
                $2::text, $2::text
         FROM posts p
         WHERE p.id = $1::uuid
           AND NOT EXISTS (SELECT FROM jobs j WHERE j.post_id = p.id AND j.job_type = 'summarize_thread'
                             AND (j.status = 'PENDING' OR j.status = 'PROCESSING' AND j.dirty
                                  OR j.status = 'FAILED' AND j.finished_at > now() - interval '1 minute'))
         ON CONFLICT (job_type, persona_id, post_id, user_id, subject_date)
             WHERE status IN ('PENDING', 'PROCESSING') AND coalesce(post_id, persona_id, user_id) IS NOT NULL
             DO UPDATE SET dirty = true WHERE jobs.status = 'PROCESSING'
         RETURNING status)
SELECT EXISTS (SELECT FROM asked WHERE status = 'PENDING') AS enqueued
