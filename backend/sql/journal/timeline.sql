-- What the journal has of a time, the earliest first.
-- $1 bigint from   $2 bigint until, both microseconds since 1970   $3 int most
-- Rows: us bigint since 1970, late_seconds bigint from when it was seen to when it was written,
--       who text, kind text, what text
SELECT (extract(epoch FROM at) * 1000000)::bigint AS us,
       greatest(extract(epoch FROM recorded_at - at), 0)::bigint AS late_seconds, who, kind, what
FROM journal
WHERE at BETWEEN to_timestamp($1::bigint / 1000000.0) AND to_timestamp($2::bigint / 1000000.0)
ORDER BY at, id LIMIT $3::int
