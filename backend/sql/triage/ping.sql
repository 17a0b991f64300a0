-- The smallest statement: it takes as long as the round trip to the database.
-- One row: now double precision: its clock, seconds since 1970
SELECT extract(epoch FROM clock_timestamp())::double precision AS now
