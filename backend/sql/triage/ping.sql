-- The smallest statement: it takes as long as the round trip to the database.
SELECT 1
