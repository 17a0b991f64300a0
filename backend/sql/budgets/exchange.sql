-- Tells a day's row what calls used, and takes tokens for the next ones.
-- writes
-- $1 int day since 1970   $2 bigint limit of the day   $3 bigint more: tokens to take
-- $4 bigint least: so many of them must be within the limit, else none is taken
-- $5 bigint back: tokens that were taken before and aren't needed; below 0: that calls used beyond
-- what was taken
-- $6 bigint used, and $7 bigint calls, since the process told last
-- One row: granted bigint ($3 or 0), taken bigint, used bigint, calls bigint
INSERT INTO model_budgets AS b (day, taken, used, calls, granted)
SELECT date '1970-01-01' + $1::int, greatest(-$5::bigint, 0) + fresh.granted, counted(0, $6::bigint),
       counted(0, $7::bigint), fresh.granted
FROM (SELECT CASE WHEN $4::bigint - $5::bigint <= $2::bigint THEN $3::bigint ELSE 0 END AS granted) fresh
ON CONFLICT (day) DO UPDATE SET
    granted = CASE WHEN b.taken - $5::bigint + $4::bigint <= $2::bigint THEN $3::bigint ELSE 0 END,
    taken = greatest(b.taken - $5::bigint, 0)
            + CASE WHEN b.taken - $5::bigint + $4::bigint <= $2::bigint THEN $3::bigint ELSE 0 END,
    used = counted(b.used, excluded.used),
    calls = counted(b.calls, excluded.calls),
    changed_at = clock_timestamp()
RETURNING granted, taken, used, calls
