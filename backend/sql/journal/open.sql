-- Opens an incident, where none is open.
-- writes
-- $1 uuid entry   $2 bigint how long ago, ms   $3 text who   $4 text title
-- One row: opened boolean (false: one is open), incident bigint, title text, since text (RFC 3339),
--          who text
-- Of two at once the second gets a unique violation, and finds the first when it is sent again.
WITH latest AS (
         SELECT o.incident, o.what, o.at, o.who,
                NOT EXISTS (SELECT FROM journal c
                            WHERE c.incident = o.incident AND c.kind = 'incident_closed') AS is_open
         FROM journal o WHERE o.kind = 'incident_opened' ORDER BY o.incident DESC LIMIT 1),
     opened AS (
         INSERT INTO journal (entry, at, who, kind, what, incident)
         SELECT $1::uuid, statement_timestamp() - $2::bigint * interval '1 millisecond', left($3::text, 200),
                'incident_opened', left($4::text, 2000), coalesce((SELECT incident FROM latest), 0) + 1
         WHERE NOT EXISTS (SELECT FROM latest WHERE is_open)
         ON CONFLICT (entry) DO NOTHING
         RETURNING true AS opened, incident, what, at, who)
SELECT opened, incident, what AS title, to_char(at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"') AS since, who
FROM (SELECT opened, incident, what, at, who FROM opened
      UNION ALL SELECT false, incident, what, at, who FROM latest WHERE is_open) found
