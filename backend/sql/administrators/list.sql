-- The administrators, the first one first.
-- Rows: user_id text, email text, since text (RFC 3339), made_by text: who granted it; null: a row
--       by hand
SELECT a.user_id::text, u.email, to_char(a.granted_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"') AS since,
       (SELECT c.made_by FROM administrator_changes c WHERE c.user_id = a.user_id AND c.change = 'grant'
        ORDER BY c.id DESC LIMIT 1) AS made_by
FROM administrators a JOIN users u ON u.id = a.user_id
ORDER BY a.granted_at, a.user_id
