-- How long what happened is not digested yet.
-- One row: persona_digest double precision, weekly_digest double precision: seconds, 0 where nothing waits
-- A persona's activity asks for its digest in its own statement, so the job is as old as the activity. A user waits for a weekly digest since it is
-- due: first for the scheduler, then for the job. Each is the first entry of an index.
SELECT 3600 * age_in_hours((SELECT min(created_at) FROM jobs WHERE job_type = 'persona_digest' AND status IN ('PENDING', 'PROCESSING')))::double precision
           AS persona_digest,
       3600 * age_in_hours(least((SELECT min(created_at) FROM jobs WHERE job_type = 'weekly_digest' AND status IN ('PENDING', 'PROCESSING')),
                                 (SELECT min(weekly_due_at) FROM users)))::double precision AS weekly_digest
