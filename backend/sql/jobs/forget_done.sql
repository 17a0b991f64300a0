-- Forgets jobs that were done long enough ago: one partition, or one batch of rows.
-- writes
-- $1 bigint retention in ms   $2 int batch   $3 bigint id where the batch begins, exclusive
-- One row: deleted int, last bigint: where the next batch begins. Less than a batch was deleted:
-- nothing is left.
SELECT deleted, last FROM forget_rows('jobs_done', $1::bigint, $2::int, $3::bigint)
