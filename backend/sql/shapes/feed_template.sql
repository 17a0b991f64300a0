-- Templates as feeds show them, from the rows of `listed`: id, uses, is_trending. What follows may
-- order them.
SELECT t.id::text AS _id, t.owner_user_id::text AS _user_id, t.id AS template_id, t.name,
       t.rules_preview AS prompt_rules, t.turn_count, t.word_limit, t.created_at, l.uses AS usage_count, l.is_trending
FROM listed l JOIN templates t ON t.id = l.id
