-- Jobs that were done.
-- $1 text  how far back, seconds
-- One row: done bigint
SELECT count(*) AS done FROM jobs
WHERE status IN ('DONE', 'FAILED') AND status = 'DONE'
  AND coalesce(finished_at, updated_at) > now() - $1::double precision * interval '1 second'
