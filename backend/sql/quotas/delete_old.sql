-- Forgets quota units, of which today's alone are counted, that are old enough: one partition, or
-- one batch of rows. In a batch a reservation that is held longer stays.
-- writes
-- $1 bigint retention in ms   $2 int batch   $3 bigint id where the batch begins, exclusive
-- One row: deleted int, last bigint: where the next batch begins. Less than a batch was deleted:
-- nothing is left.
SELECT deleted, last FROM forget_rows('quota_events', $1::bigint, $2::int, $3::bigint)
