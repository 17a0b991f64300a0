-- Asks for a thread's summary: one job per thread, however many readers.
-- writes
-- $1 uuid post   $2 text request id
-- $3 text the reader's network, hashed   $4 int jobs it may ask for   $5 bigint in so many ms
-- $6 text the bucket of all who aren't signed in, or null: the reader is   $7 int   $8 bigint ms
-- One row: enqueued boolean, true if a worker has to be woken
--          refused boolean, true if a job is missing that may not be asked for
-- A waiting job stays as it is; a running one is marked dirty. A thread whose job failed less than
-- a minute ago gets no new job. A reader counts where a job is to be made, and else not. Locks the
-- post against its deletion.
WITH wanted AS MATERIALIZED (
         SELECT p.id FROM posts p
         WHERE p.id = $1::uuid
           AND NOT EXISTS (SELECT FROM jobs j WHERE j.post_id = p.id AND j.job_type = 'summarize_thread'
                             AND (j.status = 'PENDING' OR j.status = 'PROCESSING' AND j.dirty
                                  OR j.status = 'FAILED' AND j.finished_at > now() - interval '1 minute'))
         FOR KEY SHARE OF p),
     is_full AS (
         SELECT FROM summary_asks
         WHERE bucket = $3::text AND jobs >= $4::int
               AND began_at > statement_timestamp() - $5::bigint * interval '1 millisecond'
            OR bucket = $6::text AND jobs >= $7::int
               AND began_at > statement_timestamp() - $8::bigint * interval '1 millisecond'),
     network AS MATERIALIZED (
         SELECT count_summary_ask($3::text, $4::int, $5::bigint) AS may FROM wanted
         WHERE NOT EXISTS (SELECT FROM is_full)),
     everybody AS MATERIALIZED (
         SELECT $6::text IS NULL OR count_summary_ask($6::text, $7::int, $8::bigint) AS may FROM network WHERE may),
     verdict(refused) AS (SELECT NOT EXISTS (SELECT FROM everybody WHERE may) FROM wanted),
     asked AS (
         INSERT INTO jobs (job_type, post_id, payload, request_id, trace_id)
         SELECT 'summarize_thread', id, jsonb_strip_nulls(jsonb_build_object('post_id', id, 'trace_id', $2::text)),
                $2::text, $2::text
         FROM wanted, verdict WHERE NOT refused
         ON CONFLICT (job_type, persona_id, post_id, user_id, subject_date)
             WHERE status IN ('PENDING', 'PROCESSING') AND coalesce(post_id, persona_id, user_id) IS NOT NULL
             DO UPDATE SET dirty = true WHERE jobs.status = 'PROCESSING'
         RETURNING status)
SELECT EXISTS (SELECT FROM asked WHERE status = 'PENDING') AS enqueued,
       coalesce((SELECT refused FROM verdict), false) AS refused
