-- The database's clock: the journal's times are its.
-- One row: us bigint since 1970
SELECT (extract(epoch FROM statement_timestamp()) * 1000000)::bigint AS us
