-- Makes the caller's session live on with a new token.
-- writes
-- $1 uuid caller   $2 uuid session, or null
-- 200 null | 401 invalid token
-- No session is older than 30 days, but for its last token. A token of before sessions can't be
-- made anew.
WITH caller AS (SELECT id FROM users WHERE id = $1::uuid),
     refreshed AS (
         UPDATE sessions SET expires_at = DEFAULT, last_seen_at = now()
         WHERE id = $2::uuid AND user_id = (SELECT id FROM caller) AND ended_at IS NULL
           AND created_at > now() - interval '30 days'
         RETURNING id),
     verdict(status, error) AS (
         SELECT 401, 'invalid token' WHERE NOT EXISTS (SELECT FROM refreshed)
         UNION ALL SELECT 200, NULL
         LIMIT 1)
SELECT status, error AS body FROM verdict
