-- The caller's sessions that live, the one that was seen last first, 100 at most.
-- $1 uuid caller   $2 uuid session that asks, or null
-- 200 {sessions: [OwnSession]} | 401 invalid token

-- include verdicts/caller

-- sessions[]
SELECT id, created_at, last_seen_at, user_agent, id = coalesce($2::uuid, $1::uuid) AS current
FROM sessions WHERE user_id = $1::uuid AND ended_at IS NULL AND expires_at > now()
ORDER BY last_seen_at DESC, id DESC LIMIT 100
