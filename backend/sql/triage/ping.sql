-- The shortest question there is: its time is that of the way to the database and back.
SELECT 1
