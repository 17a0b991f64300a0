-- The incidents, the latest first.
-- $1 bigint number of the one that is wanted; null: all, at most 100
-- Rows: incident bigint, title text, opened_at text (RFC 3339), who text, closed_at text (null: it
--       is open), closed_by text, opened_us bigint since 1970, closed_us bigint
SELECT o.incident, o.what AS title, to_char(o.at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"') AS opened_at, o.who,
       to_char(c.at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"') AS closed_at, c.who AS closed_by,
       (extract(epoch FROM o.at) * 1000000)::bigint AS opened_us,
       (extract(epoch FROM c.at) * 1000000)::bigint AS closed_us
FROM journal o
LEFT JOIN journal c ON c.incident = o.incident AND c.kind = 'incident_closed'
WHERE o.kind = 'incident_opened' AND ($1::bigint IS NULL OR o.incident = $1::bigint)
ORDER BY o.incident DESC LIMIT 100
