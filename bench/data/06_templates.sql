-- More public templates than a page of a hundred shows, and one of their own for every tenth user.
INSERT INTO templates (id, owner_user_id, name, prompt_rules, turn_count, word_limit, is_public, created_at)
SELECT pg_temp.id('template', n), pg_temp.id('user', 1 + pg_temp.spread(n, :users)), 'Template ' || n,
       'Each turn makes exactly one claim and backs it with one piece of evidence. Start by answering the strongest '
       'point of the turn before, without repeating it. Say what would change your mind.',
       4 + n % 8, 80 + n % 100, n <= 120, now() - n * interval '11 minutes'
FROM generate_series(1, 120 + :users / 10) n
