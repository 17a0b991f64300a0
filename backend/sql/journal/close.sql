-- Closes the incident that is open, and was when somebody closed it.
-- writes
-- $1 uuid entry   $2 bigint how long ago, ms   $3 text who
-- Rows: incident bigint, title text, seconds bigint that it lasted; none: no incident is open
WITH latest AS (
         SELECT incident, what, at, statement_timestamp() - $2::bigint * interval '1 millisecond' AS closed_at
         FROM journal WHERE kind = 'incident_opened' ORDER BY incident DESC LIMIT 1),
     closed AS (
         INSERT INTO journal (entry, at, who, kind, what, incident)
         SELECT $1::uuid, l.closed_at, left($3::text, 200), 'incident_closed', l.what, l.incident
         FROM latest l
         WHERE l.at <= l.closed_at
           AND NOT EXISTS (SELECT FROM journal c WHERE c.incident = l.incident AND c.kind = 'incident_closed')
         ON CONFLICT (entry) DO NOTHING
         RETURNING incident)
SELECT l.incident, l.what AS title, extract(epoch FROM l.closed_at - l.at)::bigint AS seconds
FROM closed c JOIN latest l USING (incident)
