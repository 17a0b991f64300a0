-- A text that the model wrote is kept, or refused, by one rule, whatever it is for.

-- Makes a reserved quota unit permanent, as its text is stored or shown now. Without a refusal both columns are null; with one nothing was
-- changed. Its 429 is for a reservation that ran out: another text may have had the unit meanwhile. The clock is the statement's: a transaction's
-- stands still while it waits for a lock. Locks the room against its deletion, and the unit.
CREATE FUNCTION keep_unit(caller uuid, of_persona uuid, in_room uuid, unit bigint, kind text, OUT status int, OUT error text) LANGUAGE sql AS $$
    WITH room AS (SELECT id FROM rooms WHERE id = in_room FOR KEY SHARE),
         reservation AS (
             SELECT id FROM quota_events
             WHERE id = unit AND persona_id = of_persona AND quota_type = kind AND expires_at > statement_timestamp() FOR UPDATE),
         refusal(status, error) AS (
             SELECT 401, 'invalid token' WHERE NOT EXISTS (SELECT FROM users WHERE id = caller)
             UNION ALL SELECT 404, 'room not found' WHERE NOT EXISTS (SELECT FROM room)
             UNION ALL SELECT 404, 'persona not found' WHERE NOT EXISTS (SELECT FROM personas WHERE id = of_persona AND user_id = caller)
             UNION ALL SELECT 429, 'daily ' || kind || ' quota reached' WHERE NOT EXISTS (SELECT FROM reservation)
             LIMIT 1),
         kept AS (UPDATE quota_events SET expires_at = NULL WHERE id = unit AND NOT EXISTS (SELECT FROM refusal))
    SELECT status, error FROM (VALUES (1)) one LEFT JOIN refusal ON true
$$;
