-- Moves one batch of jobs that were done long enough ago from `jobs` to `jobs_done`, the oldest
-- first.
-- writes
-- $1 bigint how long they stay, in ms   $2 int batch
-- $3 bigint microseconds since 1970: where the batch before ended; 0: at the oldest
-- One row: moved int, last bigint: where the next batch begins. Less than a batch was moved:
-- nothing is left.
-- One statement deletes and inserts, so a job is at one place at each moment. It waits for no lock,
-- and nobody takes the rows that it has: claims, leases and gauges are about jobs that aren't done.
-- A job whose id is in its partition already, as somebody has copied one back, leaves `jobs` alone.
WITH old AS MATERIALIZED (
         SELECT id FROM jobs
         WHERE status = 'DONE' AND coalesce(finished_at, updated_at) < now() - $1::bigint * interval '1 millisecond'
           AND coalesce(finished_at, updated_at) >= coalesce(
                   timestamptz 'epoch' + nullif($3::bigint, 0) * interval '1 microsecond', '-infinity')
         ORDER BY coalesce(finished_at, updated_at) LIMIT $2::int
         FOR UPDATE SKIP LOCKED),
     taken AS (DELETE FROM jobs WHERE id = ANY (ARRAY(SELECT id FROM old)) RETURNING *),
     moved AS (
         INSERT INTO jobs_done (id, job_type, post_id, persona_id, user_id, subject_date, payload, status, priority,
                                attempts, dirty, available_at, locked_at, locked_by, lease_until, lease_token, error,
                                request_id, trace_id, finished_at, created_at, updated_at, worker_id)
         SELECT id, job_type, post_id, persona_id, user_id, subject_date, payload, status, priority,
                attempts, dirty, available_at, locked_at, locked_by, lease_until, lease_token, error,
                request_id, trace_id, coalesce(finished_at, updated_at), created_at, updated_at, worker_id
         FROM taken
         ON CONFLICT DO NOTHING)
SELECT count(*)::int AS moved,
       greatest(coalesce(micros_of(max(coalesce(finished_at, updated_at))), $3::bigint), 0) AS last
FROM taken
