-- Closes the incident that is open, and was when somebody closed it.
-- writes
-- $1 uuid entry   $2 bigint how long ago, ms   $3 text who
-- Rows: incident bigint, title text, seconds bigint that it lasted; none: no incident is open
-- An opening and a closing that are joined one after the other are as far apart as they were, but
-- for what each took on its way: half a second is let pass.
WITH latest AS (
         SELECT incident, what, at, statement_timestamp() - $2::bigint * interval '1 millisecond' AS closed_at
         FROM journal WHERE kind = 'incident_opened' ORDER BY incident DESC LIMIT 1),
     closed AS (
         INSERT INTO journal (entry, at, who, kind, what, incident)
         SELECT $1::uuid, greatest(l.closed_at, l.at), left($3::text, 200), 'incident_closed', l.what, l.incident
         FROM latest l
         WHERE l.at <= l.closed_at + interval '500 milliseconds'
           AND NOT EXISTS (SELECT FROM journal c WHERE c.incident = l.incident AND c.kind = 'incident_closed')
         ON CONFLICT (entry) DO NOTHING
         RETURNING incident, at)
SELECT l.incident, l.what AS title, extract(epoch FROM c.at - l.at)::bigint AS seconds
FROM closed c JOIN latest l USING (incident)
