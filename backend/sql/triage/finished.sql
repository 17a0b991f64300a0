-- Jobs that were done.
-- $1 text  how far back, seconds
-- One row: done bigint
-- Not by jobs_all, as each of its two tables has its own index for it.
SELECT (SELECT count(*) FROM jobs
        WHERE status IN ('DONE', 'FAILED') AND status = 'DONE'
          AND coalesce(finished_at, updated_at) > now() - $1::double precision * interval '1 second')
       + (SELECT count(*) FROM jobs_done WHERE finished_at > now() - $1::double precision * interval '1 second') AS done
