-- The versions that the program or the database knows, in order.
-- $1 jsonb  the program's migrations: {"file name": "contents"}
-- Rows: version, is_known (to the program), applied_at (null: pending), is_changed (since it was
--       applied)
SELECT coalesce(file.key, applied.version) COLLATE "C",
       file.key IS NOT NULL,
       to_char(applied.applied_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"'),
       coalesce(to_jsonb(applied) ->> 'checksum' <> encode(sha256(convert_to(file.value, 'UTF8')), 'hex'), false)
FROM jsonb_each_text($1::jsonb) AS file
FULL JOIN schema_migrations AS applied ON applied.version = file.key
ORDER BY 1
