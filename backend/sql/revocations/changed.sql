-- The ids whose tokens count no more, from the reader's place on, in pages. Every API process asks
-- when state/changed has another version than it knows.
-- $1 bigint version and $2 uuid id of the last row that the reader has; 0 and the least id: none
-- $3 int rows at most
-- Rows: current bigint (the table's version), version bigint, id text, expires_in_s bigint; without
--       an id where nothing is left. Less than $3 rows: the reader has all up to `current`.
SELECT v.version AS current, r.version, r.id::text AS id,
       (ms_until(r.expires_at) + 999) / 1000 AS expires_in_s
FROM revocations_version v
LEFT JOIN (SELECT version, id, expires_at FROM revocations WHERE (version, id) > ($1::bigint, $2::uuid)
           ORDER BY version, id LIMIT $3::int) r ON true
