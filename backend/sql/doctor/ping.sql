-- Measures the round trip to Postgres, and reads its clock.
-- One row: now_us bigint, µs since 1970
SELECT (extract(epoch FROM clock_timestamp()) * 1000000)::bigint
