-- Whose the personas are.
-- $1 uuid[] personas
-- Rows: user_id uuid
SELECT DISTINCT user_id FROM personas WHERE id = ANY ($1::uuid[])
