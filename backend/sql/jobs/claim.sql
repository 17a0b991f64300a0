-- Takes due jobs, the most urgent first, each under a lease with a token of its own.
-- writes
-- $1 int limit   $2 text worker's name   $3 bigint lease in ms
-- $4 int[] room of this worker for priority 0 to 5: how many more jobs it may run
-- $5 int[] priorities of which the worker runs no job: one job of each comes before all others, so
-- that no long queue starves a type
-- $6 bigint[] low-water marks of priority 0 to 5, µs since 1970: jobs due before are not read; 0:
-- all
-- $7 int worker whose session proves that it is alive, or null
-- Rows: id bigint, job_type text, post_id uuid, persona_id uuid, user_id uuid, subject_date date,
--       attempts int (this one counted), lease_token uuid, trace_id text, request_id text,
--       waited_us bigint (due to now), priority int, due_us bigint since 1970
-- Each priority is read from the oldest end of its part of jobs_due up to the limit; a job that
-- isn't due yet is never read. The low-water mark keeps the claim fast while a long transaction
-- keeps the dead rows of claimed jobs. Rows that another worker has locked and paused types are
-- skipped.
-- One statement takes jobs of all types, so no value of a row may make it fail: attempts stop at
-- the end of their type.
WITH turn(place, priority, room, skip) AS (
         SELECT 0, first, 1, 0 FROM unnest($5::int[]) first
         UNION ALL
         SELECT 1, p - 1, ($4::int[])[p] - CASE WHEN p - 1 = ANY ($5::int[]) THEN 1 ELSE 0 END,
                CASE WHEN p - 1 = ANY ($5::int[]) THEN 1 ELSE 0 END
         FROM generate_series(1, 6) p),
     due AS MATERIALIZED (
         SELECT j.id
         FROM (SELECT * FROM turn WHERE room > 0 AND priority <> ALL ((SELECT paused_priorities())::int[])
               ORDER BY place, priority) turn
         CROSS JOIN LATERAL (
             SELECT id FROM jobs
             WHERE status = 'PENDING' AND priority = turn.priority AND available_at <= statement_timestamp()
               AND available_at >= coalesce(
                       timestamptz 'epoch'
                       + nullif(($6::bigint[])[turn.priority + 1], 0) * interval '1 microsecond', '-infinity')
             ORDER BY available_at, id LIMIT least(turn.room, $1::int) OFFSET turn.skip
             FOR UPDATE SKIP LOCKED) j
         LIMIT $1::int),
     claimed AS (
         UPDATE jobs
         SET status = 'PROCESSING', attempts = greatest(least(attempts, 2147483646), 0) + 1, dirty = false,
             locked_at = statement_timestamp(), locked_by = $2::text, worker_id = $7::int,
             lease_until = statement_timestamp() + $3::bigint * interval '1 millisecond',
             lease_token = gen_random_uuid(), updated_at = statement_timestamp()
         WHERE id = ANY (ARRAY(SELECT id FROM due))
         RETURNING *)
SELECT id, job_type, post_id, persona_id, user_id, subject_date, attempts, lease_token,
       left(coalesce(trace_id, payload->>'trace_id'), 128) AS trace_id, left(request_id, 128) AS request_id,
       (extract(epoch FROM statement_timestamp() - available_at) * 1000000)::bigint AS waited_us, priority,
       (extract(epoch FROM available_at) * 1000000)::bigint AS due_us
FROM claimed ORDER BY priority, available_at, id
